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
 * Fashion-MNIST, all of it: an mLiT-XXS that sees gray images of 28x28 as 49 patches. The
 * quickstart, {@code ./mlit train}, takes a part that comes with mlit.
 *
 * <pre>{@code
 * ./mlit data fetch fashion-mnist     # 31 MB, to data/fashion-mnist
 * examples/run FashionMnist
 * }</pre>
 *
 * <p>Nobody has run it in full yet.
 */
public final class FashionMnist {
  private FashionMnist() {}

  /** The model, the data and the recipe; {@code specs/runs/fashion-mnist.yaml} says the same. */
  static RunSpec run() {
    return RunSpec.builder("fashion-mnist")
        .model(
            Presets.mlitXxs().toBuilder()
                .name("mlit-xxs-fashion")
                .image(28, 28, 1)
                .patch(4)
                .classes(10)
                .build())
        .data("fashion-mnist")
        .training(t -> t.epochs(6).batch(64).seed(1).labelSmoothing(0.1))
        .optimizer(
            o -> o.name(Name.MUON).learningRate(2e-3).muonLearningRate(4e-3).weightDecay(0.05))
        .schedule(s -> s.warmupEpochs(0.5))
        .augmentation(a -> a.flip(true))
        .export("savedmodels/my-fashion-mnist")
        .build();
  }

  public static void main(String[] args) {
    Example.main("FashionMnist", args, FashionMnist::train);
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
