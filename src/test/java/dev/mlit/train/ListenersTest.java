package dev.mlit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.Mlit;
import dev.mlit.data.Dataset;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.spec.EarlyStopping;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.testing.TinyData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Listeners that come with mlit, and one as a user writes it. If this fails, a user's best model is
 * overwritten by a worse one, or a run that should have ended goes on for hours.
 */
class ListenersTest {
  private static final Dataset IMAGES = TinyData.dataset(50, 30);

  /** Trained, then led astray: the rate of a long warm-up rises to what no model survives. */
  private static final RunSpec ASTRAY =
      TinyData.run()
          .training(t -> t.epochs(9))
          .optimizer(o -> o.learningRate(0.4).weightDecay(0))
          .schedule(s -> s.warmupEpochs(9))
          .build();

  @TempDir private Path temporary;

  private TrainingResult train(RunSpec run, TrainingListener... listeners) {
    Path directory = temporary.resolve("run");
    return Mlit.train(
            run,
            trainer -> {
              trainer.data(IMAGES).directory(directory);
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
                  Math.max(epoch.testAccuracy(), best.isEmpty() ? 0 : best.get(best.size() - 1)));
              kept.add(accuracy(target));
            });

    TrainingResult last = train(ASTRAY, Mlit.bestModel(target), watch);

    assertThat(kept).hasSize(9).isEqualTo(best);
    assertThat(last.testAccuracy()).isLessThan(accuracy(target));
  }

  private static double accuracy(Path savedModel) {
    try (Classifier classifier = Mlit.load(savedModel)) {
      return classifier.evaluate(IMAGES).accuracy();
    }
  }

  @Test
  void bestModelDoesNotReplaceWhatMlitDidNotWrite() throws IOException {
    Path notes = Files.writeString(temporary.resolve("notes.txt"), "mine");

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Mlit.bestModel(temporary))
        .withMessage(
            "%s: holds something that mlit did not write, it is not overwritten", temporary);

    assertThat(notes).hasContent("mine");
  }

  @Test
  void earlyStoppingEndsTheRunWhenItsPatienceIsUsedUp() {
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
            Listeners.earlyStopping(new EarlyStopping(3, 0, EarlyStopping.Metric.TEST_LOSS)),
            watch);

    // No weight changes: epoch 1 is the best, and three more are waited for.
    assertThat(result.steps()).isEqualTo(4 * 4);
    assertThat(reasons)
        .singleElement()
        .asString()
        .matches(
            "test loss was lowest in epoch 1, \\d\\.\\d{4}, and no better in the 3 epochs since");
  }

  /** The one in README. */
  private static final class GoodEnough implements TrainingListener {
    private double lowest = Double.POSITIVE_INFINITY;

    @Override
    public void epoch(Epoch epoch) {
      lowest = Math.min(lowest, epoch.testLoss());
    }

    @Override
    public Optional<String> reasonToEnd() {
      return lowest < 0.25 ? Optional.of("good enough") : Optional.empty();
    }
  }

  @Test
  void usersListenerEndsARunThatIsGoodEnough() {
    RunSpec run = TinyData.run().training(t -> t.epochs(30)).build();

    TrainingResult result = train(run, new GoodEnough());

    List<TrainingListener.Epoch> epochs =
        MetricsFile.epochs(temporary.resolve("run/metrics.jsonl"));
    assertThat(result.steps()).isLessThan(30 * 4);
    assertThat(epochs.get(epochs.size() - 1).testLoss()).isLessThan(0.25);
    assertThat(epochs.subList(0, epochs.size() - 1))
        .allSatisfy(epoch -> assertThat(epoch.testLoss()).isGreaterThanOrEqualTo(0.25));
  }
}
