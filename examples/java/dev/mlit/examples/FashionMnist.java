package dev.mlit.examples;

import dev.mlit.Mlit;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.savedmodel.Prediction;
import dev.mlit.spec.Presets;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.Progress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * An mLiT-XXS on the 10,000 images of clothes that come with mlit: train, export, classify.
 *
 * <p>Options: {@code --steps N} ends the training after N steps, {@code --out DIR} says where
 * everything goes.
 */
public final class FashionMnist {
  private FashionMnist() {}

  public static void main(String[] args) {
    Path out = Path.of(option(args, "--out", "runs/fashion-mnist"));
    int steps = Integer.parseInt(option(args, "--steps", "1000000"));

    RunSpec run =
        RunSpec.builder("fashion-mnist")
            .model(
                Presets.mlitXxs().toBuilder()
                    .name("mlit-xxs-fashion")
                    .image(28, 28, 1)
                    .patch(4)
                    .classes(10)
                    .build())
            .data("fashion-small")
            .training(t -> t.epochs(6).batch(64).seed(1).steps(steps))
            .augmentation(a -> a.flip(true))
            .export(out.resolve("savedmodel").toString())
            .build();

    Mlit.TrainedModel trained =
        Mlit.train(
            run,
            trainer -> {
              trainer.directory(out.resolve("run"));
              trainer.listener(Progress.on(System.err, false));
            });
    System.out.printf("test accuracy %.4f%n", trained.training().testAccuracy());

    try (Classifier classifier = Mlit.load(trained.savedModel())) {
      List<Prediction> predictions = classifier.classify(Path.of("examples/images/sneaker.png"));
      System.out.println(predictions.get(0));
    }
  }

  private static String option(String[] args, String name, String otherwise) {
    int at = Arrays.asList(args).indexOf(name);
    return at < 0 || at + 1 == args.length ? otherwise : args[at + 1];
  }
}
