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
 * The digits of house numbers: an mLiT-XXS that sees images of 32x32 as 64 patches. Digits are not
 * mirrored.
 *
 * <pre>{@code
 * ./mlit data fetch svhn        # 246 MB, to data/svhn
 * examples/run Svhn
 * }</pre>
 *
 * <p>Nobody has run it in full yet: the images were not at hand. The test of this program reads a
 * file of SVHN's format that SciPy wrote.
 */
public final class Svhn {
  private Svhn() {}

  /** The model, the data and the recipe; {@code specs/runs/svhn.yaml} says the same. */
  static RunSpec run() {
    return RunSpec.builder("svhn")
        .model(
            Presets.mlitXxs().toBuilder()
                .name("mlit-xxs-svhn")
                .image(32, 32, 3)
                .patch(4)
                .pooling(Pooling.MEAN)
                .classes(10)
                .build())
        .data("svhn")
        .training(t -> t.epochs(6).batch(64).seed(1).labelSmoothing(0.1))
        .optimizer(
            o -> o.name(Name.MUON).learningRate(2e-3).muonLearningRate(4e-3).weightDecay(0.05))
        .schedule(s -> s.warmupEpochs(0.5))
        .augmentation(a -> a.randomCrop(2).fill(Fill.REFLECT))
        .export("savedmodels/svhn")
        .build();
  }

  public static void main(String[] args) {
    Example.main("Svhn", args, Svhn::train);
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
