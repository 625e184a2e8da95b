package dev.mlit.examples;

import dev.mlit.Mlit;
import dev.mlit.data.Dataset;
import dev.mlit.insight.Progress;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.savedmodel.Evaluation;
import dev.mlit.spec.AugmentationSpec.Fill;
import dev.mlit.spec.ModelSpec.Pooling;
import dev.mlit.spec.OptimizerSpec.Name;
import dev.mlit.spec.Presets;
import dev.mlit.spec.RunSpec;
import java.util.Locale;

/**
 * CIFAR-100 from scratch, its 100 fine classes: an mLiT-XXS that sees images of 32x32 as 64
 * patches.
 *
 * <pre>{@code
 * ./mlit data fetch cifar100    # 169 MB, to data/cifar100
 * examples/run Cifar100
 * }</pre>
 *
 * <p>Nobody has run it in full yet.
 */
public final class Cifar100 {
  private Cifar100() {}

  /** The model, the data and the recipe; {@code specs/runs/cifar100.yaml} says the same. */
  static RunSpec run() {
    return RunSpec.builder("cifar100")
        .model(
            Presets.mlitXxs().toBuilder()
                .name("mlit-xxs-cifar100")
                .image(32, 32, 3)
                .patch(4)
                .pooling(Pooling.MEAN)
                .classes(100)
                .build())
        .data("cifar100")
        .training(t -> t.epochs(10).batch(64).seed(1).labelSmoothing(0.1))
        .optimizer(
            o -> o.name(Name.MUON).learningRate(2e-3).muonLearningRate(4e-3).weightDecay(0.05))
        .schedule(s -> s.warmupEpochs(0.5))
        .augmentation(a -> a.flip(true).randomCrop(2).fill(Fill.REFLECT))
        .export("savedmodels/my-cifar100")
        .build();
  }

  public static void main(String[] args) {
    Example.main("Cifar100", args, Cifar100::train);
  }

  static void train(Example example) {
    RunSpec run = example.change(run());
    Dataset images = example.open(run);

    Mlit.TrainedModel trained =
        Mlit.train(
            run,
            trainer -> {
              example.place(trainer);
              trainer.data(images);
              trainer.listener(Progress.on(System.err, Example.TERMINAL));
            });

    try (Classifier classifier = Mlit.load(trained.savedModel())) {
      Evaluation test = classifier.evaluate(images);
      System.out.printf(
          Locale.ROOT,
          "%s: accuracy %.4f on %,d test images%n",
          trained.savedModel(),
          test.accuracy(),
          test.examples());
    }
  }
}
