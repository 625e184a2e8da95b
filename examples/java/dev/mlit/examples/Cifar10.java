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
 * CIFAR-10 from scratch: an mLiT-XXS that sees images of 32x32 as 64 patches.
 *
 * <pre>{@code
 * ./mlit data fetch cifar10     # 170 MB, to data/cifar10
 * examples/run Cifar10
 * }</pre>
 *
 * <p>On 45,000 of its images, the others being kept to choose the recipe by, it took 59 minutes on
 * one core of an Intel Xeon with AVX-512, beside other work, and reached a test accuracy of 0.6964
 * (30 November 2026; images re-encoded as JPEG).
 */
public final class Cifar10 {
  private Cifar10() {}

  /** The model, the data and the recipe; {@code specs/runs/cifar10.yaml} says the same. */
  static RunSpec run() {
    return RunSpec.builder("cifar10")
        .model(
            Presets.mlitXxs().toBuilder()
                .name("mlit-xxs-cifar10")
                .image(32, 32, 3)
                .patch(4)
                .pooling(Pooling.MEAN)
                .classes(10)
                .build())
        .data("cifar10")
        .training(t -> t.epochs(10).batch(64).seed(1).labelSmoothing(0.1))
        .optimizer(
            o -> o.name(Name.MUON).learningRate(2e-3).muonLearningRate(4e-3).weightDecay(0.05))
        .schedule(s -> s.warmupEpochs(0.5))
        .augmentation(a -> a.flip(true).randomCrop(2).fill(Fill.REFLECT))
        .export("savedmodels/my-cifar10")
        .build();
  }

  public static void main(String[] args) {
    Example.main("Cifar10", args, Cifar10::train);
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
