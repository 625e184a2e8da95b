package dev.mlit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mlit.Mlit;
import dev.mlit.data.Dataset;
import dev.mlit.data.Split;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.spec.EarlyStopping;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.testing.TinyData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Listeners that come with mlit, and one as a user writes it. If this fails, a user's best model is
 * overwritten by a worse one, or a run that should have ended goes on for hours.
 */
@Tag("slow")
class ListenersTest {
  private static final Dataset IMAGES = TinyData.dataset(50, 30);

  /** Trained, then led astray: the rate of a long warm-up rises to what no model survives. */
  private static final RunSpec ASTRAY =
      TinyData.run()
          .training(t -> t.epochs(9))
          .optimizer(o -> o.learningRate(0.2).weightDecay(0))
          .schedule(s -> s.warmupEpochs(9))
          .build();

  @TempDir private Path temporary;

  private static final Dataset VALIDATED = TinyData.validated(50, 40, 30);

  private TrainingResult train(RunSpec run, TrainingListener... listeners) {
    return train(run, IMAGES, listeners);
  }

  private TrainingResult train(RunSpec run, Dataset images, TrainingListener... listeners) {
    Path directory = temporary.resolve("run");
    return Mlit.train(
            run,
            trainer -> {
              trainer.data(images).directory(directory);
              List.of(listeners).forEach(trainer::listener);
            })
        .training();
  }

  @Test
  void bestModelIsThatOfTheBestEpochDuringTheRunAndAfterIt() {
    Path target = temporary.resolve("best");
    List<Double> best = new ArrayList<>();
    List<Double> kept = new ArrayList<>();
    TrainingListener watch =
        Listeners.epochs(
            epoch -> {
              best.add(
                  Math.max(
                      epoch.validationAccuracy(), best.isEmpty() ? 0 : best.get(best.size() - 1)));
              kept.add(accuracy(target, VALIDATED.validation().orElseThrow()));
            });

    TrainingResult last = train(ASTRAY, VALIDATED, Mlit.bestModel(target), watch);

    assertThat(kept).hasSize(9).isEqualTo(best);
    assertThat(last.validationAccuracy()).isLessThan(best.get(8));
    assertThat(target.resolve("README.md"))
        .content()
        .contains("| chosen | the epoch with the highest validation accuracy |")
        .contains("| validation accuracy | ")
        .doesNotContain("test accuracy");
  }

  private static double accuracy(Path savedModel, Split part) {
    try (Classifier classifier = Mlit.load(savedModel)) {
      Dataset measured = Dataset.of("part", IMAGES.labels(), IMAGES.shape(), IMAGES.train(), part);
      return classifier.evaluate(measured).accuracy();
    }
  }

  @Test
  void bestModelOfTestImagesHasToBeAskedForByName() {
    Path target = temporary.resolve("best");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> train(ASTRAY, Mlit.bestModel(target)))
        .withMessage(
            "the best epoch is chosen on validation images, and dataset tiny has none; set"
                + " data.validation-fraction, such as 0.1, or choose on the test images by name:"
                + " EpochChoice.BEST_ON_TEST");
    assertThat(temporary.resolve("run")).doesNotExist();
    List<Double> tested = new ArrayList<>();

    train(
        ASTRAY,
        Mlit.bestModel(EpochChoice.BEST_ON_TEST, target),
        Listeners.epochs(epoch -> tested.add(epoch.testAccuracy())));

    assertThat(accuracy(target, IMAGES.test())).isEqualTo(Collections.max(tested));
    assertThat(target.resolve("README.md"))
        .content()
        .contains("| chosen | on test images, the epoch with the highest test accuracy, so that");
    assertThat(temporary.resolve("run/report.html"))
        .content()
        .contains("Chosen on test images")
        .contains("its best epoch (EpochChoice.BEST_ON_TEST)");
  }

  @Test
  void whatIsTestedOnceHasNoBestEpochOfTestImages() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                train(ASTRAY, VALIDATED, Listeners.bestEpochs(EpochChoice.BEST_ON_TEST, run -> {})))
        .withMessage(
            "EpochChoice.BEST_ON_TEST: the test images are read at the end only, as dataset tiny"
                + " has images to validate on; use EpochChoice.BEST");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Listeners.bestEpochs(EpochChoice.LAST, run -> {}))
        .withMessage("LAST is no best epoch, must be BEST or BEST_ON_TEST");
  }

  @Test
  void bestModelDoesNotReplaceWhatMlitDidNotWrite() throws IOException {
    Path notes = Files.writeString(temporary.resolve("notes.txt"), "mine");

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Mlit.bestModel(temporary))
        .withMessage(
            "%s: holds something that mlit did not write, it is not overwritten: notes.txt",
            temporary);

    assertThat(notes).hasContent("mine");
  }

  @ParameterizedTest
  @EnumSource(EarlyStopping.Metric.class)
  void earlyStoppingEndsTheRunWhenItsPatienceIsUsedUp(EarlyStopping.Metric metric) {
    List<String> reasons = new ArrayList<>();
    TrainingListener watch =
        new TrainingListener() {
          @Override
          public void ended(TrainingResult result, Optional<String> reason) {
            reasons.add(reason.orElse(""));
          }
        };
    RunSpec run =
        ASTRAY.toBuilder()
            .optimizer(o -> o.learningRate(1e-30))
            .schedule(s -> s.warmupEpochs(0))
            .build();

    TrainingResult result =
        train(
            run,
            metric.isOfTest() ? IMAGES : VALIDATED,
            Listeners.earlyStopping(new EarlyStopping(3, 0, metric)),
            watch);

    // No weight changes: epoch 1 is the best, and three more are waited for.
    assertThat(result.steps()).isEqualTo(4 * 4);
    assertThat(reasons)
        .singleElement()
        .asString()
        .matches(
            metric.text().replace('-', ' ')
                + " was "
                + (metric.isLoss() ? "lowest" : "highest")
                + " in epoch 1, \\d\\.\\d{4}, and no better in the 3 epochs since");
    assertThat(result.testAccuracy()).isBetween(0.0, 1.0);
  }

  @Test
  void earlyStoppingOnTestImagesHasToBeAskedForByName() {
    RunSpec run = ASTRAY.toBuilder().earlyStopping(e -> e.patience(3)).build();
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> train(run))
        .withMessage(
            "early-stopping.metric: validation-accuracy needs images to validate on, and dataset"
                + " tiny has none; set data.validation-fraction, such as 0.1, or choose on the test"
                + " images by name: metric: test-accuracy");
    assertThat(temporary.resolve("run")).doesNotExist();

    RunSpec asked =
        ASTRAY.toBuilder()
            .earlyStopping(e -> e.patience(9).metric(EarlyStopping.Metric.TEST_ACCURACY))
            .build();
    train(asked);
    assertThat(temporary.resolve("run/report.html"))
        .content()
        .contains("Chosen on test images")
        .contains("when it ends (early-stopping)");
    assertThat(temporary.resolve("run/savedmodel/README.md"))
        .content()
        .contains("| early stopping | by test-accuracy: chosen on test images, so that");
  }

  /** As the one in docs/runs.md. */
  private static final class GoodEnough implements TrainingListener {
    private double lowest = Double.POSITIVE_INFINITY;

    @Override
    public void epoch(Epoch epoch) {
      lowest = Math.min(lowest, epoch.validationLoss());
    }

    @Override
    public Optional<String> reasonToEnd() {
      return lowest < 0.25 ? Optional.of("good enough") : Optional.empty();
    }
  }

  @Test
  void usersListenerEndsARunThatIsGoodEnough() {
    RunSpec run = TinyData.run().training(t -> t.epochs(30)).build();

    TrainingResult result = train(run, VALIDATED, new GoodEnough());

    List<TrainingListener.Epoch> epochs =
        MetricsFile.epochs(temporary.resolve("run/metrics.jsonl"));
    assertThat(result.steps()).isLessThan(30 * 4);
    assertThat(epochs.get(epochs.size() - 1).validationLoss()).isLessThan(0.25);
    assertThat(epochs.subList(0, epochs.size() - 1))
        .allSatisfy(epoch -> assertThat(epoch.validationLoss()).isGreaterThanOrEqualTo(0.25));
  }
}
