package dev.mlit.examples;

import dev.mlit.Mlit;
import dev.mlit.data.Dataset;
import dev.mlit.insight.Progress;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.savedmodel.Evaluation;
import dev.mlit.spec.OptimizerSpec.Name;
import dev.mlit.spec.Presets;
import dev.mlit.spec.RunSpec;
import java.util.Locale;

/**
 * Land use in satellite images of 64x64, an image folder: one folder for every class, of which a
 * fifth is kept for the test. An mLiT-XXS sees an image as 64 patches.
 *
 * <pre>{@code
 * ./mlit data fetch eurosat     # 95 MB, to data/eurosat
 * examples/run EuroSat
 * }</pre>
 *
 * <p>Nobody has run it in full yet with this recipe. With AdamW and flips from left to right only,
 * on 5,000 of its 27,000 images ({@code --data eurosat-5000.zip --epochs 64}), 4,000 to train on,
 * it took 43 minutes on 2 cores of an AMD EPYC of the Zen 4 generation, of which other work had
 * one, and reached a test accuracy of 0.7990 on the other 1,000 (25 November 2026).
 *
 * <p>Images of your own take the same way: {@code .data("image-folder", "my/images")}.
 */
public final class EuroSat {
  private EuroSat() {}

  /** The model, the data and the recipe; {@code specs/runs/eurosat.yaml} says the same. */
  static RunSpec run() {
    return RunSpec.builder("eurosat")
        .model(
            Presets.mlitXxs().toBuilder()
                .name("mlit-xxs-eurosat")
                .image(64, 64, 3)
                .patch(8)
                .classes(10)
                .build())
        .data("eurosat")
        .training(t -> t.epochs(20).batch(64).seed(1).labelSmoothing(0.1))
        .optimizer(
            o -> o.name(Name.MUON).learningRate(2e-3).muonLearningRate(4e-3).weightDecay(0.05))
        .schedule(s -> s.warmupEpochs(0.5))
        .augmentation(a -> a.flip(true).verticalFlip(true).quarterTurns(true))
        .export("savedmodels/my-eurosat")
        .build();
  }

  public static void main(String[] args) {
    Example.main("EuroSat", args, EuroSat::train);
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
