package dev.mlit.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.data.Dataset;
import dev.mlit.data.Split;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.Specs;
import dev.mlit.study.StudyResult.Candidate;
import dev.mlit.study.StudyResult.Choice;
import dev.mlit.testing.TinyData;
import dev.mlit.train.Predictions;
import dev.mlit.train.RunDirectory;
import dev.mlit.train.RunStoppedException;
import dev.mlit.train.Trainer;
import dev.mlit.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sweeps. If this fails, a researcher's setting is chosen on the images that it is then reported
 * on, so that the accuracy is better than it will ever be again; or a study that was stopped in a
 * sweep chooses another one, or trains all of it again.
 */
@Tag("slow")
class SweepTest {
  /** The second rate learns these images, the first one nothing. */
  private static final String STUDY =
      """
      name: swept
      pretraining: []
      targets:
        - {name: bars, run: tune.yaml, fractions: [{labels: 1, steps: 6}]}
      arms:
        - arm: scratch
          name: swept
          sweep: {optimizer.learning-rate: [1.0e-30, 0.02]}
      seeds: [1, 2]
      tests: 2
      """;

  private static final String FIRST = "bars-100pct-swept-s1";
  private static final String SECOND = "bars-100pct-swept-s2";
  private static final String NOTHING = "optimizer.learning-rate=1.0e-30";
  private static final String LEARNS = "optimizer.learning-rate=0.02";

  @TempDir private static Path specs;
  @TempDir private Path temporary;

  private final AtomicInteger reads = new AtomicInteger();

  @BeforeAll
  static void writeSpecs() throws IOException {
    Files.writeString(specs.resolve("tune.yaml"), Specs.yaml(TinyData.run().build()));
  }

  private Path place() {
    return temporary.resolve("study");
  }

  private Path sweeps(String cell, String setting) {
    return place().resolve("sweeps").resolve(cell).resolve(setting);
  }

  private Study study(String text) throws IOException {
    Path file = temporary.resolve("study.yaml");
    Files.writeString(file, text.replace("run: tune.yaml", "run: " + specs.resolve("tune.yaml")));
    return Study.read(file, List.of())
        .directory(place())
        .datasets(
            data -> {
              Dataset all = TinyData.validated(48, 24, 24);
              return Dataset.of(
                  all.name(),
                  all.labels(),
                  all.shape(),
                  all.train(),
                  all.validation().orElseThrow(),
                  new Counted(all.test(), reads));
            });
  }

  /** Test images that count how often one of them is looked at. */
  private record Counted(Split images, AtomicInteger reads) implements Split {
    @Override
    public int size() {
      return images.size();
    }

    @Override
    public int label(int index) {
      reads.incrementAndGet();
      return images.label(index);
    }

    @Override
    public void pixels(int index, byte[] target, int offset) {
      reads.incrementAndGet();
      images.pixels(index, target, offset);
    }

    @Override
    public void load(IntConsumer progress) {
      reads.incrementAndGet();
      images.load(progress);
    }
  }

  /** How many steps each run was trained, and what it looked at of test images, by its name. */
  private final class Watch implements StudyListener {
    private final Map<String, Integer> steps = new LinkedHashMap<>();
    private final Map<String, Integer> tests = new LinkedHashMap<>();
    private final Map<String, Integer> readsOf = new LinkedHashMap<>();
    private final List<Outcome> outcomes = new ArrayList<>();
    private int before;

    @Override
    public void training(Run run, Trainer trainer) {
      before = reads.get();
      steps.put(run.name(), 0);
      tests.put(run.name(), 0);
      trainer.listener(
          new TrainingListener() {
            @Override
            public void step(Step step) {
              steps.merge(run.name(), 1, Integer::sum);
            }

            @Override
            public void tested(Predictions predictions) {
              if (predictions.part() == Predictions.Part.TEST) {
                tests.merge(run.name(), 1, Integer::sum);
              }
            }
          });
    }

    @Override
    public void done(Run run, Outcome outcome, double secondsLeft) {
      readsOf.put(run.name(), reads.get() - before);
      outcomes.add(outcome);
    }
  }

  // ---- What is read, and when ----

  @Test
  void testImagesAreReadForTheChosenSettingOnceAndForNoOther() throws IOException {
    Watch watch = new Watch();
    StudyResult result = study(STUDY).listener(watch).run();

    assertThat(watch.steps)
        .as("the chosen run is tested as it is, not trained again")
        .containsExactly(
            Map.entry(FIRST + "," + NOTHING, 6),
            Map.entry(FIRST + "," + LEARNS, 6),
            Map.entry(FIRST, 0),
            Map.entry(SECOND, 6));
    assertThat(watch.readsOf.get(FIRST + "," + NOTHING)).isZero();
    assertThat(watch.readsOf.get(FIRST + "," + LEARNS)).isZero();
    assertThat(watch.readsOf.get(FIRST)).isPositive();
    assertThat(watch.tests)
        .containsExactly(
            Map.entry(FIRST + "," + NOTHING, 0),
            Map.entry(FIRST + "," + LEARNS, 0),
            Map.entry(FIRST, 1),
            Map.entry(SECOND, 1));
    assertThat(watch.outcomes.get(0).isTested()).isFalse();
    assertThat(watch.outcomes.get(0).testAccuracy()).isNull();
    assertThat(watch.outcomes.get(2).isTested()).isTrue();

    assertThat(sweeps(FIRST, NOTHING).resolve("result.json")).doesNotExist();
    assertThat(sweeps(FIRST, NOTHING).resolve("metrics.jsonl"))
        .content()
        .contains("\"validation_accuracy\"")
        .doesNotContain("\"test_accuracy\"", "\"test_loss\"");
    assertThat(sweeps(SECOND, NOTHING)).doesNotExist();
    assertThat(RunDirectory.open(sweeps(SECOND, LEARNS)).run().optimizer().learningRate())
        .isEqualTo(0.02);
    assertThat(result.row("bars", 1, "swept").orElseThrow().accuracies())
        .containsExactly(
            RunDirectory.open(sweeps(FIRST, LEARNS)).result().testAccuracy(),
            RunDirectory.open(sweeps(SECOND, LEARNS)).result().testAccuracy());
  }

  // ---- The choice ----

  @Test
  void theHighestValidationAccuracyIsChosenAndAllAreShown() throws IOException {
    StudyResult result = study(STUDY).run();

    Choice choice = result.choice("bars", 1, "swept").orElseThrow();
    double nothing = RunDirectory.open(sweeps(FIRST, NOTHING)).result().validationAccuracy();
    double learns = RunDirectory.open(sweeps(FIRST, LEARNS)).result().validationAccuracy();
    assertThat(learns).as("else these images prove nothing").isGreaterThan(nothing);
    assertThat(choice.chosen()).isEqualTo(LEARNS);
    assertThat(choice.validationImages()).isEqualTo(24);
    assertThat(choice.candidates()).extracting(Candidate::setting).containsExactly(NOTHING, LEARNS);
    assertThat(choice.candidates())
        .extracting(Candidate::accuracies)
        .containsExactly(List.of(nothing), List.of(learns));
    assertThat(result.row("bars", 1, "swept").orElseThrow().setting()).isEqualTo(LEARNS);
    assertThat(place().resolve("table.txt")).content().contains(NOTHING, LEARNS, "chosen");
    assertThat(place().resolve("table.json")).content().contains("\"chosen\" : \"" + LEARNS);
    assertThat(place().resolve("results.csv")).content().contains(",swept," + LEARNS + ",1 2,");
    assertThat(place().resolve("report.html"))
        .content()
        .contains("Sweeps", "Validation accuracy, bars")
        .doesNotContain("Test accuracy, bars, 100 %");
  }

  /** When a checkpoint is written changes no weight, so both settings are equally good. */
  @Test
  void ofEqualSettingsTheFirstIsChosen() throws IOException {
    String equal =
        STUDY.replace(
            "optimizer.learning-rate: [1.0e-30, 0.02]", "checkpoints.every-steps: [4, 3]");
    Choice choice = study(equal).run().choice("bars", 1, "swept").orElseThrow();
    assertThat(choice.candidates().get(0).mean()).isEqualTo(choice.candidates().get(1).mean());
    assertThat(choice.chosen()).isEqualTo("checkpoints.every-steps=4");
  }

  @Test
  void withSeveralSeedsTheMeanDecides() throws IOException {
    Watch watch = new Watch();
    StudyResult result = study(STUDY + "sweep-seeds: 2\n").listener(watch).run();

    assertThat(watch.steps.values())
        .as("four settings, two tests")
        .containsExactly(6, 6, 6, 6, 0, 0);
    Choice choice = result.choice("bars", 1, "swept").orElseThrow();
    for (Candidate candidate : choice.candidates()) {
      assertThat(candidate.seeds()).containsExactly(1, 2);
      double first =
          RunDirectory.open(sweeps(FIRST, candidate.setting())).result().validationAccuracy();
      double second =
          RunDirectory.open(sweeps(SECOND, candidate.setting())).result().validationAccuracy();
      assertThat(candidate.accuracies()).containsExactly(first, second);
      assertThat(candidate.mean()).isCloseTo((first + second) / 2, within(1e-12));
    }
    assertThat(choice.chosen()).isEqualTo(LEARNS);
  }

  @Test
  void aSettingThatTrainingDivergesWithIsNotChosen() throws IOException {
    Choice choice =
        study(STUDY.replace("1.0e-30", "1000")).run().choice("bars", 1, "swept").orElseThrow();
    assertThat(choice.candidates()).extracting(Candidate::diverged).containsExactly(true, false);
    assertThat(choice.candidates().get(0).mean()).isNull();
    assertThat(choice.chosen()).isEqualTo(LEARNS);
  }

  @Test
  void aSweepThatDivergesWithEverySettingSaysSo() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> study(STUDY.replace("[1.0e-30, 0.02]", "[1000, 999]")).run())
        .withMessage(
            "bars-100pct-swept: training diverged with every setting of the sweep:"
                + " [optimizer.learning-rate=1000, optimizer.learning-rate=999]");
  }

  // ---- Stopped, and started again ----

  @Test
  void startedAgainItTrainsWhatWasAddedAndNothingElse() throws IOException {
    StudyResult first = study(STUDY).run();
    Watch again = new Watch();
    assertThat(study(STUDY).listener(again).run()).isEqualTo(first);
    assertThat(again.steps).isEmpty();

    Watch more = new Watch();
    StudyResult longer = study(STUDY.replace("0.02]", "0.02, 1.0e-29]")).listener(more).run();
    assertThat(more.steps)
        .containsExactly(Map.entry(FIRST + ",optimizer.learning-rate=1.0e-29", 6));
    assertThat(longer.rows()).isEqualTo(first.rows());
  }

  @Test
  void whereverItIsStoppedItChoosesTheSame() throws IOException {
    StudyResult undisturbed = study(STUDY).run();
    Path whole = place();
    Files.move(whole, temporary.resolve("undisturbed"));

    AtomicInteger steps = new AtomicInteger();
    StudyListener stopping =
        new StudyListener() {
          @Override
          public void training(Run run, Trainer trainer) {
            trainer.listener(
                new TrainingListener() {
                  @Override
                  public void step(Step step) {
                    // In the first setting, at the end of it, in the second, in the other seed.
                    if (List.of(2, 6, 9, 14).contains(steps.incrementAndGet())) {
                      trainer.stop();
                    }
                  }
                });
          }
        };
    int stopped = 0;
    StudyResult result = null;
    while (result == null) {
      try {
        result = study(STUDY).listener(stopping).run();
      } catch (RunStoppedException e) {
        stopped++;
      }
    }
    assertThat(stopped).isGreaterThanOrEqualTo(3);
    assertThat(steps.get()).as("no step is done twice").isEqualTo(3 * 6);
    assertThat(result.rows().get(0).accuracies()).isEqualTo(undisturbed.rows().get(0).accuracies());
    assertThat(result.choices().get(0).candidates())
        .extracting(Candidate::accuracies)
        .isEqualTo(
            undisturbed.choices().get(0).candidates().stream().map(Candidate::accuracies).toList());
  }

  // ---- What is found before anything is trained ----

  @Test
  void aSweepNeedsValidationImages() throws IOException {
    Watch watch = new Watch();
    Study without = study(STUDY).listener(watch).datasets(data -> TinyData.dataset(48, 24));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(without::run)
        .withMessage(
            "target bars: arm swept has a sweep, whose settings are compared on validation images,"
                + " and there are none: set data.validation-fraction, such as"
                + " data.validation-fraction=0.1");
    assertThat(watch.steps).isEmpty();
  }

  @Test
  void theValidationImagesMayBeCutOffTheTrainingImages() throws IOException {
    String cut =
        STUDY.replace("run: tune.yaml,", "run: tune.yaml, set: [data.validation-fraction=0.25],");
    StudyResult result = study(cut).datasets(data -> TinyData.dataset(48, 24)).run();
    Choice choice = result.choice("bars", 1, "swept").orElseThrow();
    assertThat(choice.validationImages()).isEqualTo(12);
    assertThat(result.rows().get(0).images()).isEqualTo(36);
  }

  @Test
  void aSettingThatIsNotValidIsFoundBeforeAnythingIsTrained() {
    Watch watch = new Watch();
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> study(STUDY.replace("0.02]", "-1]")).listener(watch).run())
        .withMessageContaining("optimizer.learning-rate: -1 must be above 0");
    assertThat(watch.steps).isEmpty();
  }

  /** The steps of the share of the labels decide the epochs. */
  @Test
  void twoSettingsThatAreTheSameRunAreFoundBeforeAnythingIsTrained() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                study(
                        STUDY.replace(
                            "optimizer.learning-rate: [1.0e-30, 0.02]", "training.epochs: [2, 3]"))
                    .run())
        .withMessageContaining(
            "arm swept: its sweep has the same run twice on bars: training.epochs=2 and"
                + " training.epochs=3");
  }
}
