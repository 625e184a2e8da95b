package dev.mlit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlit.Mlit;
import dev.mlit.data.Dataset;
import dev.mlit.insight.RunRecord;
import dev.mlit.spec.EarlyStopping;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.testing.TinyData;
import dev.mlit.testing.WorkerProcesses;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs with validation images. If this fails, a choice is made on the images that a user reports
 * the accuracy of, which is then better than it will ever be again; or a run that was begun before
 * there were such images becomes another one.
 */
@Tag("slow")
class ValidationTest {
  /** Four epochs of four steps. */
  private static final RunSpec RUN =
      TinyData.run()
          .training(t -> t.epochs(4).threads(2).dropout(0.1))
          .checkpoints(c -> c.everySteps(1))
          .build();

  @TempDir private Path temporary;
  private CountedSplit test;
  private ReadWatch watch;

  @BeforeEach
  void newImages() {
    test = CountedSplit.of(TinyData.dataset(1, 30).test());
    watch = new ReadWatch(test);
  }

  private Path directory() {
    return temporary.resolve("run");
  }

  private TrainingResult train(RunSpec run, TrainingListener... listeners) {
    return train(run, test.dataset(), 0, listeners);
  }

  private TrainingResult train(
      RunSpec run, Dataset data, long stopAfter, TrainingListener... listeners) {
    Trainer trainer = Trainer.of(run).data(data).directory(directory()).resume(true);
    List.of(listeners).forEach(trainer::listener);
    watch.stopAfter = stopAfter;
    watch.stop = trainer::stop;
    return trainer.listener(watch).train();
  }

  private void assertUnreadBeforeTheEnd() {
    assertThat(watch.calls).isNotEmpty();
    assertThat(watch.readsBeforeTheEnd).as("reads of test images before the end").isZero();
  }

  // ---- No test image is read before the end ----

  @Test
  void aRunReadsItsTestImagesOnceWhenItIsDone() throws IOException {
    TrainingResult result = train(RUN);

    assertUnreadBeforeTheEnd();
    assertThat(test.reads()).isGreaterThanOrEqualTo(30);
    assertThat(watch.callsButSteps())
        .containsExactly(
            "started at 0",
            "validation",
            "epoch 1",
            "validation",
            "epoch 2",
            "validation",
            "epoch 3",
            "validation",
            "epoch 4",
            "loading test",
            "test",
            "final test after 4",
            "ended at 16");
    assertThat(watch.epochs)
        .allSatisfy(
            epoch -> {
              assertThat(epoch.validationAccuracy()).isBetween(0.0, 1.0);
              assertThat(epoch.validationLoss()).isPositive();
              assertThat(epoch.validationRouting()).hasSize(2);
              assertThat(epoch.testAccuracy()).isNaN();
              assertThat(epoch.testLoss()).isNaN();
              assertThat(epoch.testRouting()).isEmpty();
            });
    assertThat(result.testAccuracy()).isEqualTo(watch.tests.get(0).testAccuracy());
    assertThat(result.testLoss()).isEqualTo(watch.tests.get(0).testLoss());
    assertThat(result.validationAccuracy()).isEqualTo(watch.epochs.get(3).validationAccuracy());
    assertThat(result.validationLoss()).isEqualTo(watch.epochs.get(3).validationLoss());
    assertThat(result.validationImages()).isEqualTo(20);
    assertThat(result.seconds()).isEqualTo(watch.tests.get(0).seconds());
  }

  @Test
  void earlyStoppingLooksAtValidationImagesOnly() {
    RunSpec run =
        RUN.toBuilder()
            .training(t -> t.epochs(9))
            .optimizer(o -> o.learningRate(1e-30).weightDecay(0))
            .earlyStopping(e -> e.patience(2))
            .build();

    TrainingResult result = train(run);

    assertUnreadBeforeTheEnd();
    // No weight changes: epoch 1 is the best, and two more are waited for.
    assertThat(watch.callsButSteps())
        .endsWith("epoch 3", "loading test", "test", "final test after 3", "ended at 12");
    assertThat(result.testAccuracy()).isEqualTo(watch.tests.get(0).testAccuracy());
    assertThat(RunDirectory.open(directory()).run().earlyStopping())
        .isEqualTo(new EarlyStopping(2, 0, EarlyStopping.Metric.VALIDATION_ACCURACY));
  }

  @Test
  void theBestEpochIsChosenOnValidationImagesOnly() {
    // Trained, then led astray: the rate of a long warm-up rises to what no model survives.
    RunSpec run =
        TinyData.run()
            .training(t -> t.epochs(9))
            .optimizer(o -> o.learningRate(0.4).weightDecay(0))
            .schedule(s -> s.warmupEpochs(9))
            .build();
    Path kept = temporary.resolve("kept");
    List<Integer> bests = new ArrayList<>();
    TrainingListener best =
        Listeners.bestEpochs(
            directory -> bests.add((int) directory.result(EpochChoice.BEST).steps() / 4));

    train(run, Mlit.bestModel(kept), best);
    assertUnreadBeforeTheEnd();

    TrainingListener.Epoch highest = watch.epochs.get(0);
    for (TrainingListener.Epoch epoch : watch.epochs) {
      if (epoch.validationAccuracy() > highest.validationAccuracy()) {
        highest = epoch;
      }
    }
    assertThat(highest.epoch()).isLessThan(9);
    assertThat(bests).endsWith(highest.epoch());
    TrainingResult result = RunDirectory.open(directory()).result(EpochChoice.BEST);
    assertThat(result.validationAccuracy()).isEqualTo(highest.validationAccuracy());
    assertThat(result.testAccuracy()).isNaN();
    assertThat(result.checkpoint())
        .isEqualTo(directory().resolve("checkpoints/epoch-" + highest.epoch() + "/variables"));
    Path exported = temporary.resolve("exported");
    Mlit.export(directory(), EpochChoice.BEST, exported);
    assertThat(exported.resolve("variables/variables.data-00000-of-00001"))
        .hasSameBinaryContentAs(kept.resolve("variables/variables.data-00000-of-00001"));
  }

  @Test
  void testsEveryFewEpochsAreOfValidationImages() {
    train(RUN.toBuilder().training(t -> t.testEvery(3)).build());

    assertUnreadBeforeTheEnd();
    assertThat(watch.callsButSteps())
        .containsSubsequence("validation", "epoch 3", "validation", "epoch 4", "loading test")
        .doesNotContain("epoch 1", "epoch 2");
  }

  @Test
  void severalWorkersReadTheTestImagesWhenTheyAreDone() throws Exception {
    TrainingResult one =
        ValidatedWorker.train(temporary.resolve("one"), test.dataset(), Optional.empty());
    try (WorkerProcesses workers = WorkerProcesses.of(temporary, 2)) {
      workers.startAll(ValidatedWorker.class, temporary.resolve("two").toString());
      workers.assertAllDone();
      for (int i = 0; i < 2; i++) {
        assertThat(workers.said(i))
            .containsPattern("other images read before the first test image: [1-9]\\d*\n")
            .contains("other images read after it: 0\n");
      }
      assertThat(workers.said(0)).contains("accuracy " + one.testAccuracy());
    }
    TrainingResult two = RunDirectory.open(temporary.resolve("two")).result();
    assertThat(two.testLoss()).isCloseTo(one.testLoss(), offset(1e-4));
    assertThat(two.validationLoss()).isCloseTo(one.validationLoss(), offset(1e-4));
  }

  @Test
  void aRunWithoutATestReadsNoTestImageUntilItIsResumedWithOne() {
    test.damage("nobody shall look");
    TrainingResult untested =
        Trainer.of(RUN).data(test.dataset()).directory(directory()).withoutTest().train();

    assertThat(test.reads()).isZero();
    assertThat(untested.testAccuracy()).isNaN();
    assertThat(untested.testLoss()).isNaN();
    assertThat(untested.validationAccuracy()).isBetween(0.0, 1.0);
    assertThat(directory().resolve("report.html"))
        .content()
        .contains(tile("Validation accuracy", untested.validationAccuracy()))
        .doesNotContain("<span>Test accuracy</span>");

    test.damage("");
    TrainingResult tested = train(RUN);

    assertThat(watch.calls).startsWith("started at 16", "validation", "epoch 4", "loading test");
    assertThat(tested.testAccuracy()).isBetween(0.0, 1.0);
    assertThat(tested.validationAccuracy()).isEqualTo(untested.validationAccuracy());
  }

  @Test
  void aRunWithoutATestNeedsValidationImagesAndLooksAtNoOthers() {
    Path other = temporary.resolve("other");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () -> Trainer.of(RUN).data(test.unvalidated()).directory(other).withoutTest().train())
        .withMessage(
            "without a test, dataset tiny must have images to validate on; set"
                + " data.validation-fraction, such as 0.1");
    RunSpec ofTest =
        RUN.toBuilder().earlyStopping(e -> e.metric(EarlyStopping.Metric.TEST_LOSS)).build();
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () -> Trainer.of(ofTest).data(test.dataset()).directory(other).withoutTest().train())
        .withMessage("early-stopping.metric: must not be of test images in a run without a test");
    assertThat(other).doesNotExist();
    assertThat(test.reads()).isZero();
  }

  // ---- What a run writes ----

  @Test
  void metricsSayWhatWasMeasuredAndLeaveOutWhatWasNot() throws IOException {
    TrainingResult result = train(RUN);

    List<JsonNode> lines = MetricsFile.lines(directory().resolve("metrics.jsonl"), kind -> true);
    assertThat(lines.get(0).path("validation_images").asInt()).isEqualTo(20);
    List<JsonNode> epochs =
        lines.stream().filter(line -> line.path("kind").asText().equals("epoch")).toList();
    assertThat(epochs)
        .hasSize(4)
        .allSatisfy(
            line -> {
              List<String> fields = new ArrayList<>();
              line.fieldNames().forEachRemaining(fields::add);
              assertThat(fields)
                  .containsExactly(
                      "kind",
                      "epoch",
                      "step",
                      "train_loss",
                      "train_accuracy",
                      "images_per_second",
                      "seconds",
                      "train_routing",
                      "validation_loss",
                      "validation_accuracy",
                      "validation_routing");
            });
    JsonNode last = lines.get(lines.size() - 1);
    assertThat(last.path("kind").asText()).isEqualTo("test");
    assertThat(last.path("epoch").asInt()).isEqualTo(4);
    assertThat(last.path("step").asInt()).isEqualTo(16);
    assertThat(last.path("test_accuracy").asDouble()).isEqualTo(result.testAccuracy());
    assertThat(last.path("test_loss").asDouble()).isEqualTo(result.testLoss());
    assertThat(last.path("test_routing")).hasSize(2);
    List<TrainingListener.Epoch> read = RunDirectory.open(directory()).epochs();
    assertThat(read.subList(0, 3)).isEqualTo(watch.epochs.subList(0, 3));
    assertThat(read.get(3)).isEqualTo(watch.epochs.get(3).with(watch.tests.get(0)));
  }

  @Test
  void reportShowsBothParts() throws IOException {
    TrainingResult result = train(RUN);

    assertThat(directory().resolve("report.html"))
        .content()
        .contains(
            "50 images to train on, 20 to validate on, 30 to test on",
            tile("Test accuracy", result.testAccuracy()),
            tile("Validation accuracy", result.validationAccuracy()),
            "<span>Best validation accuracy</span>",
            "Classes of the test images",
            "Share of the validation images' tokens",
            "<th scope=\"col\">validation accuracy</th>")
        .doesNotContain("Best test accuracy", "Chosen on test images");
  }

  private static String tile(String name, double share) {
    return String.format(Locale.ROOT, "<span>%s</span><strong>%.2f %%</strong>", name, 100 * share);
  }

  @Test
  void modelCardSaysBothAccuracies() {
    Mlit.TrainedModel trained = Mlit.train(RUN, t -> t.data(test.dataset()).directory(directory()));

    assertThat(trained.savedModel().resolve("README.md"))
        .content()
        .contains(
            String.format(
                Locale.ROOT,
                "| test accuracy | %.4f on 30 images of tiny |",
                trained.training().testAccuracy()),
            String.format(
                Locale.ROOT,
                "| validation accuracy | %.4f on 20 images of tiny |",
                trained.training().validationAccuracy()),
            "| data | tiny: 50 images to train on, 20 to validate on, 30 to test on |")
        .doesNotContain("| chosen |");
  }

  @Test
  void validationImagesDoNotChangeTheWeights() {
    TrainingResult with = train(RUN);
    TrainingResult without =
        Trainer.of(RUN).data(test.unvalidated()).directory(temporary.resolve("other")).train();

    assertSameWeights(with, without);
    assertThat(with.testAccuracy()).isEqualTo(without.testAccuracy());
    assertThat(with.testLoss()).isEqualTo(without.testLoss());
  }

  static void assertSameWeights(TrainingResult one, TrainingResult other) {
    for (String file : List.of("variables.index", "variables.data-00000-of-00001")) {
      assertThat(one.checkpoint().resolveSibling(file))
          .hasSameBinaryContentAs(other.checkpoint().resolveSibling(file));
    }
  }

  @Test
  void aFractionOfTheTrainingImagesIsNotTrainedOn() {
    RunSpec run = RUN.toBuilder().validationFraction(0.2).build();

    TrainingResult result = train(run, test.unvalidated(), 0);

    // 17, 17 and 16 of a class: 3 of each.
    assertThat(result.validationImages()).isEqualTo(9);
    assertThat(result.validationAccuracy()).isBetween(0.0, 1.0);
    assertUnreadBeforeTheEnd();
    assertThat(RunRecord.of(result).trainImages()).isEqualTo(41);
  }

  // ---- Early stopping on test images, asked for by name ----

  @Test
  void testImagesAreReadAfterEveryEpochWhereEarlyStoppingLooksAtThem() {
    RunSpec run =
        RUN.toBuilder()
            .earlyStopping(e -> e.patience(9).metric(EarlyStopping.Metric.TEST_LOSS))
            .build();

    TrainingResult result = train(run);

    assertThat(watch.tests).isEmpty();
    assertThat(watch.callsButSteps())
        .startsWith("loading test", "started at 0", "validation", "test", "epoch 1")
        .endsWith("validation", "test", "epoch 4", "ended at 16");
    assertThat(watch.epochs)
        .allSatisfy(
            epoch -> {
              assertThat(epoch.testLoss()).isPositive();
              assertThat(epoch.validationLoss()).isPositive();
            });
    assertThat(result.testLoss()).isEqualTo(watch.epochs.get(3).testLoss());
    assertThat(directory().resolve("report.html")).content().contains("Chosen on test images");
  }

  // ---- A run that goes on ----

  @Nested
  class Resumed {
    @Test
    void aRunThatWasStoppedReadsNoTestImageBeforeTheEnd() {
      assertThatExceptionOfType(RunStoppedException.class)
          .isThrownBy(() -> train(RUN, test.dataset(), 6));
      assertUnreadBeforeTheEnd();
      assertThat(test.reads()).isZero();
      watch = new ReadWatch(test);
      TrainingResult resumed = train(RUN);

      assertUnreadBeforeTheEnd();
      TrainingResult undisturbed =
          Trainer.of(RUN).data(test.dataset()).directory(temporary.resolve("other")).train();
      assertSameWeights(resumed, undisturbed);
      assertThat(resumed.testAccuracy()).isEqualTo(undisturbed.testAccuracy());
      assertThat(resumed.validationLoss()).isEqualTo(undisturbed.validationLoss());
    }

    @Test
    void aRunThatIsDoneIsMeasuredAndTestedAgain() {
      TrainingResult first = train(RUN);
      watch = new ReadWatch(test);
      TrainingResult second = train(RUN);

      assertThat(watch.calls)
          .containsExactly(
              "started at 16",
              "validation",
              "epoch 4",
              "loading test",
              "test",
              "final test after 4",
              "ended at 16");
      assertThat(second.testLoss()).isEqualTo(first.testLoss());
      assertThat(RunDirectory.open(directory()).epochs()).hasSize(4);
    }

    @Test
    void aRunThatGoesOnLongerForgetsItsTest() {
      train(RUN);
      watch = new ReadWatch(test);
      train(RUN.toBuilder().training(t -> t.epochs(5)).build());

      List<TrainingListener.Epoch> epochs = RunDirectory.open(directory()).epochs();
      assertThat(epochs).hasSize(5);
      assertThat(epochs.get(3).testLoss()).isNaN();
      assertThat(epochs.get(4).testLoss()).isPositive();
    }

    @Test
    void damagedTestImagesAreFoundAtTheEndAndTestedOnceTheyAreMended() {
      test.damage("test/shoe.png: cannot be read");
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> train(RUN))
          .withMessage(
              "test/shoe.png: cannot be read; all of the training is saved: mend the test images,"
                  + " then test it with: Mlit.resume(Path.of(\""
                  + directory()
                  + "\"))");
      assertThat(watch.callsButSteps()).endsWith("validation", "epoch 4", "loading test");
      TrainingResult saved = RunDirectory.open(directory()).result();
      assertThat(saved.steps()).isEqualTo(16);
      assertThat(saved.testAccuracy()).isNaN();
      assertThat(saved.validationAccuracy()).isEqualTo(watch.epochs.get(3).validationAccuracy());

      test.damage("");
      watch = new ReadWatch(test);
      TrainingResult mended = train(RUN);

      assertThat(watch.calls)
          .containsExactly(
              "started at 16",
              "validation",
              "epoch 4",
              "loading test",
              "test",
              "final test after 4",
              "ended at 16");
      assertThat(mended.testAccuracy()).isBetween(0.0, 1.0);
    }

    @Test
    void otherValidationImagesAreRefusedButOtherTestImagesAreNotLookedAt() {
      assertThatExceptionOfType(RunStoppedException.class)
          .isThrownBy(() -> train(RUN, test.dataset(), 6));
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> train(RUN, TinyData.validated(50, 21, 30), 0))
          .withMessage(
              "data: tiny has 50 images to train on, 21 to validate on and 30 to test on, had 50"
                  + " images to train on, 20 to validate on and 30 to test on when the run was"
                  + " started; a run can only be resumed with the images it was started with");
      Dataset data = test.dataset();
      Dataset other =
          Dataset.of(
              data.name(),
              data.labels(),
              data.shape(),
              data.train(),
              TinyData.dataset(1, 20).test(),
              data.test());
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> train(RUN, other, 0))
          .withMessageStartingWith("data: tiny has other images, labels or class names");
      assertThat(test.reads()).isZero();
    }

    @Test
    void theFractionOfValidationImagesMayNotChange() {
      assertThatExceptionOfType(RunStoppedException.class)
          .isThrownBy(() -> train(RUN, test.unvalidated(), 6));
      RunSpec other = RUN.toBuilder().validationFraction(0.2).build();
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> train(other, test.unvalidated(), 0))
          .withMessageContaining("  data.validation-fraction: 0 before, 0.2 now\n");
    }
  }
}
