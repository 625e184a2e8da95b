package dev.mlit.examples;

import dev.mlit.Mlit;
import dev.mlit.data.Dataset;
import dev.mlit.insight.Progress;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.savedmodel.Evaluation;
import dev.mlit.spec.AugmentationSpec.Fill;
import dev.mlit.spec.OptimizerSpec.Name;
import dev.mlit.spec.Presets;
import dev.mlit.spec.RunSpec;
import java.util.Locale;

/**
 * Oxford Flowers-102 from scratch, trained on the 20 images of every class that are not for the
 * test: photographs of any size, scaled to 64x64, which an mLiT-XXS sees as 64 patches.
 *
 * <pre>{@code
 * ./mlit data fetch flowers102  # 345 MB, to data/flowers102
 * examples/run Flowers102
 * }</pre>
 *
 * <p>Nobody has run it in full yet.
 */
public final class Flowers102 {
  private Flowers102() {}

  /** The model, the data and the recipe; {@code specs/runs/flowers102.yaml} says the same. */
  static RunSpec run() {
    return RunSpec.builder("flowers102")
        .model(
            Presets.mlitXxs().toBuilder()
                .name("mlit-xxs-flowers102")
                .image(64, 64, 3)
                .patch(8)
                .classes(102)
                .build())
        .data("flowers102-trainval")
        .training(t -> t.epochs(60).batch(32).seed(1).labelSmoothing(0.1))
        .optimizer(
            o -> o.name(Name.MUON).learningRate(2e-3).muonLearningRate(4e-3).weightDecay(0.05))
        .schedule(s -> s.warmupEpochs(0.5))
        .augmentation(a -> a.flip(true).randomCrop(4).fill(Fill.REFLECT))
        .export("savedmodels/my-flowers102")
        .build();
  }

  public static void main(String[] args) {
    Example.main("Flowers102", args, Flowers102::train);
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
