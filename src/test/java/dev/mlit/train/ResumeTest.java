package dev.mlit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.Mlit;
import dev.mlit.data.DataFingerprint;
import dev.mlit.data.Dataset;
import dev.mlit.spec.EarlyStopping.Metric;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.ScheduleSpec.Decay;
import dev.mlit.spec.Specs;
import dev.mlit.testing.TinyData;
import dev.mlit.train.step.LearningRate;
import dev.mlit.train.step.LearningRate.End;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs that are stopped and go on. If it fails, a resumed run becomes another one than it would
 * have been, or the wrong run is resumed and nobody notices.
 */
@Tag("slow")
class ResumeTest {
  private static final Dataset IMAGES = TinyData.dataset(50, 30);

  /** Four epochs of four steps, by a recipe with everything that has a state or draws numbers. */
  private static final RunSpec RUN =
      TinyData.run()
          .training(
              t ->
                  t.epochs(4)
                      .threads(2)
                      .microBatch(7)
                      .dropout(0.1)
                      .dropPath(0.1)
                      .patchDropout(0.25))
          .augmentation(
              a ->
                  a.flip(true)
                      .rotation(10)
                      .verticalFlip(true)
                      .quarterTurns(true)
                      .randAugment(2, 9)
                      .randomErasing(0.5)
                      .mixup(0.2)
                      .cutmix(1))
          .ema(0.9)
          .checkpoints(c -> c.everySteps(1))
          .build();

  @TempDir private static Path shared;
  private static TrainingResult undisturbed;

  @TempDir private Path temporary;

  @BeforeAll
  static void trainUndisturbed() {
    undisturbed = Trainer.of(RUN).data(IMAGES).directory(shared.resolve("run")).train();
  }

  /** Stops the run after a step, and notes what it is told. */
  private static final class Stopper implements TrainingListener {
    private final long stopAfter;
    private final List<String> calls = new ArrayList<>();
    private final List<Start> starts = new ArrayList<>();
    private final List<Double> rates = new ArrayList<>();
    private Runnable stop = () -> {};

    Stopper(long stopAfter) {
      this.stopAfter = stopAfter;
    }

    @Override
    public void started(Start start) {
      starts.add(start);
      calls.add("started at " + start.step());
    }

    @Override
    public void step(Step step) {
      calls.add("step " + step.step());
      rates.add(step.learningRate());
      if (step.step() == stopAfter) {
        stop.run();
      }
    }

    @Override
    public void epoch(Epoch epoch) {
      calls.add("epoch " + epoch.epoch());
    }
  }

  private Path directory() {
    return temporary.resolve("run");
  }

  /** Starts or resumes the run; it stops after a step, 0 for never. */
  private Stopper train(RunSpec run, long stopAfter) {
    Stopper stopper = new Stopper(stopAfter);
    Trainer trainer =
        Trainer.of(run).data(IMAGES).directory(directory()).resume(true).listener(stopper);
    stopper.stop = trainer::stop;
    try {
      trainer.train();
      assertThat(stopAfter).isZero();
    } catch (RunStoppedException e) {
      assertThat(e)
          .hasMessage(
              "stopped after step "
                  + stopAfter
                  + " of 16; all of it is saved, go on with: Mlit.resume(Path.of(\""
                  + directory()
                  + "\"))");
    }
    return stopper;
  }

  private void assertSameAsUndisturbed() {
    TrainingResult result = RunDirectory.open(directory()).result();
    for (String file : List.of("variables.index", "variables.data-00000-of-00001")) {
      assertThat(result.checkpoint().resolveSibling(file))
          .hasSameBinaryContentAs(undisturbed.checkpoint().resolveSibling(file));
    }
    assertThat(epochs(directory())).isEqualTo(epochs(shared.resolve("run")));
    assertThat(MetricsFile.steps(directory().resolve("metrics.jsonl")))
        .isEqualTo(MetricsFile.steps(shared.resolve("run/metrics.jsonl")));
  }

  /** Without what a clock says. */
  private static List<TrainingListener.Epoch> epochs(Path directory) {
    return MetricsFile.epochs(directory.resolve("metrics.jsonl")).stream()
        .map(
            e ->
                new TrainingListener.Epoch(
                    e.epoch(),
                    e.step(),
                    e.trainLoss(),
                    e.trainAccuracy(),
                    e.testLoss(),
                    e.testAccuracy(),
                    0,
                    0,
                    e.trainRouting(),
                    e.testRouting()))
        .toList();
  }

  @Test
  void stoppedAfterEveryStepTheRunEndsWithTheSameBits() {
    for (long step = 1; step <= 16; step++) {
      train(RUN, step);
    }
    train(RUN, 0);

    assertSameAsUndisturbed();
  }

  @Test
  void goesOnWithinTheEpochWithItsSums() {
    train(RUN, 6);
    Stopper second = train(RUN, 0);

    assertThat(second.calls.subList(0, 4))
        .containsExactly("started at 6", "step 7", "step 8", "epoch 2");
    assertThat(second.starts.get(0).resumed()).isTrue();
    assertThat(second.starts.get(0).history())
        .extracting(TrainingListener.Epoch::epoch)
        .containsExactly(1);
    assertSameAsUndisturbed();
  }

  @Test
  void stoppedBeforeTheTestOfAnEpochItIsTestedFirst() {
    train(RUN, 8);
    Stopper second = train(RUN, 0);

    assertThat(second.calls.subList(0, 3)).containsExactly("started at 8", "epoch 2", "step 9");
    assertSameAsUndisturbed();
  }

  @Test
  void runThatIsDoneIsTestedAgainAndNotTrained() {
    train(RUN, 0);
    Stopper second = train(RUN, 0);

    assertThat(second.calls).containsExactly("started at 16", "epoch 4");
    assertSameAsUndisturbed();
  }

  @Test
  void runThatWasNeverStartedStarts() {
    Stopper first = train(RUN, 0);

    assertThat(first.calls).startsWith("started at 0", "step 1");
    assertThat(first.starts.get(0).resumed()).isFalse();
    assertSameAsUndisturbed();
  }

  @Test
  void runThatEndedBeforeItsFirstCheckpointStartsFromTheBeginning() throws IOException {
    train(RUN, 3);
    PathUtils.deleteDirectory(directory().resolve("checkpoints"));

    Stopper second = train(RUN, 0);

    assertThat(second.calls).startsWith("started at 0", "step 1");
    assertThat(second.starts.get(0).resumed()).isTrue();
    assertSameAsUndisturbed();
  }

  @Test
  void metricsThatWereWrittenInVainAreCutOff() throws IOException {
    train(RUN, 10);
    Path metrics = directory().resolve("metrics.jsonl");
    Files.writeString(
        metrics, "{\"kind\": \"step\", \"step\": 20}\n{\"kind\": \"ep", StandardOpenOption.APPEND);

    train(RUN, 0);

    assertSameAsUndisturbed();
    assertThat(Files.readAllLines(metrics)).noneMatch(line -> line.contains("\"step\": 20"));
  }

  @Test
  void metricsThatHaveLostLinesAreRefused() throws IOException {
    train(RUN, 10);
    Path metrics = directory().resolve("metrics.jsonl");
    long length = Files.size(metrics);
    Files.writeString(metrics, "");

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> train(RUN, 0))
        .withMessage(
            String.format(
                Locale.ROOT,
                "%s: has 0 bytes, had %,d at the last checkpoint; put the whole file back to resume"
                    + " the run",
                metrics,
                length));
  }

  @Test
  void facadeResumesWhatLiesInADirectoryAndExportsIt() {
    train(RUN.toBuilder().data("fashion-small").build(), 5);

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Mlit.resume(directory()))
        .withMessageStartingWith("model.classes: 3 must be the number of classes of dataset");
  }

  /**
   * Earlier versions had the rate down at the last step, and say nothing of it: such a run goes on
   * by their rule, however often it is stopped.
   */
  @Test
  void runThatAnEarlierVersionHasBegunKeepsItsLearningRates() throws IOException {
    List<Double> rates = new ArrayList<>(train(RUN, 6).rates);
    for (String name : List.of("step-5", "step-6")) {
      Path checkpoint = directory().resolve("checkpoints").resolve(name);
      Path state = checkpoint.resolve(RunState.FILE);
      String written = Files.readString(state);
      String earlier = written.replace(",\"last_step_learns\":true", "");
      assertThat(earlier).hasSizeLessThan(written.length());
      Files.writeString(state, earlier);
      Files.delete(checkpoint.resolve(Manifest.FILE));
      Manifest.seal(checkpoint);
    }

    rates.addAll(train(RUN, 10).rates);
    rates.addAll(train(RUN, 0).rates);

    LearningRate now = new LearningRate(0.01, 0, 16, Decay.COSINE, 0);
    LearningRate earlier = new LearningRate(0.01, 0, 16, Decay.COSINE, 0, End.LAST_STEP);
    List<Double> expected = new ArrayList<>();
    LongStream.range(0, 6).forEach(step -> expected.add(now.at(step)));
    LongStream.range(6, 16).forEach(step -> expected.add(earlier.at(step)));
    assertThat(rates).containsExactlyElementsOf(expected);
    assertThat(expected.get(15)).isZero();
  }

  /** The other workers of a run must take the steps that the first one takes. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void otherWorkersGetTheRuleOfTheRateAndTheStep(boolean lastStepLearns) {
    DataFingerprint mark = DataFingerprint.of(IMAGES);
    RunState state =
        new RunState(7_000_000_000L, 9, new EpochSums().state(), 0, 0, mark, lastStepLearns);

    RunState told = Beginning.of(new Beginning(state, "step-7", true).numbers(), mark).state();

    assertThat(told).isNotNull();
    assertThat(told.step()).isEqualTo(7_000_000_000L);
    assertThat(told.epoch()).isEqualTo(9);
    assertThat(told.lastStepLearns()).isEqualTo(lastStepLearns);
    assertThat(Beginning.of(Beginning.NEW.numbers(), mark)).isSameAs(Beginning.NEW);
  }

  /** Checkpoints that a disk has damaged. */
  @Nested
  class Damaged {
    @Test
    void theOneBeforeIsUsedAndTheResultIsTheSame() throws IOException {
      train(RUN, 7);
      flipABit(directory().resolve("checkpoints/step-7/variables.data-00000-of-00001"));

      Stopper second = train(RUN, 0);

      assertThat(second.calls).startsWith("started at 6", "step 7");
      assertThat(directory().resolve("checkpoints/step-7.damaged")).exists();
      assertSameAsUndisturbed();
    }

    @Test
    void allOfThemAreRefusedAndNothingIsChanged() throws IOException {
      train(RUN, 3);
      Path checkpoints = directory().resolve("checkpoints");
      Path metrics = directory().resolve("metrics.jsonl");
      String written = Files.readString(metrics);
      Files.delete(checkpoints.resolve("step-2/state.json"));
      Files.writeString(checkpoints.resolve("step-3/variables.index"), "");

      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> train(RUN, 0))
          .withMessageMatching(
              Pattern.quote(checkpoints + ": every checkpoint is damaged: step-2: state.json is")
                  + " missing; step-3: variables.index has 0 bytes, must have \\d+; put a whole one"
                  + " back, or delete this directory to train from the beginning");

      assertThat(metrics).hasContent(written);
      assertThat(checkpoints.resolve("step-2")).exists();
      PathUtils.deleteDirectory(checkpoints);
      assertThat(train(RUN, 0).calls).startsWith("started at 0", "step 1");
      assertSameAsUndisturbed();
    }

    @Test
    void newOnesDoNotPushOutTheLastThatIsWhole() throws IOException {
      train(RUN, 7);
      flipABit(directory().resolve("checkpoints/step-7/state.json"));

      train(RUN, 7);

      assertThat(RunDirectory.open(directory()).checkpoints().named("step-6")).isNotNull();
      assertThat(RunDirectory.open(directory()).checkpoints().named("step-7")).isNotNull();
    }
  }

  private static void flipABit(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  /** What must not change, and what may. */
  @Nested
  class Changed {
    @Test
    void everyFieldThatMustNotIsNamedWithItsValuesAndNothingIsWritten() throws IOException {
      train(RUN, 5);
      RunSpec other =
          RUN.toBuilder()
              .model(TinyData.model().toBuilder().embedding(16).build())
              .training(t -> t.seed(2).batch(8))
              .freeze("head")
              .build();

      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> train(other, 0))
          .withMessage(
              """
              %s: this run was started with other settings and cannot be resumed with these:
                freeze[0]: nothing before, head now
                model.embedding: 12 before, 16 now
                training.batch: 16 before, 8 now
                training.seed: 1 before, 2 now
              resume it as it was (Mlit.resume(Path.of("%s"))), or start another run in \
              a new directory, from its weights if you like (set initialize.from to %s)"""
                  .formatted(directory(), directory(), directory()));

      assertThat(Specs.run(directory().resolve("run.yaml"))).isEqualTo(RUN);
      train(RUN, 0);
      assertSameAsUndisturbed();
    }

    @Test
    void whatDoesNotDecideTheWeightsMayAndIsWrittenDown() {
      train(RUN, 5);
      RunSpec other =
          RUN.toBuilder()
              .data("tiny", "elsewhere")
              .training(t -> t.workerTimeout(90))
              .checkpoints(c -> c.everySteps(3).everyMinutes(0))
              .earlyStopping(e -> e.patience(100).metric(Metric.TEST_ACCURACY))
              .export("elsewhere")
              .build();

      train(other, 0);

      assertThat(Specs.run(directory().resolve("run.yaml"))).isEqualTo(other);
      assertSameAsUndisturbed();
    }

    /** As when it goes on in another working directory. */
    @Test
    void relativePathsOfImagesThatLeadNowhereAreNamed() throws IOException {
      Path images = temporary.resolve("images");
      for (String label : List.of("a", "b", "c")) {
        Path folder = Files.createDirectories(images.resolve(label));
        Files.copy(Path.of("examples/images/bag.png"), folder.resolve("1.png"));
        Files.copy(Path.of("examples/images/coat.png"), folder.resolve("2.png"));
      }
      Path here = Path.of("").toAbsolutePath();
      String relative = here.relativize(images).toString();
      RunSpec run = TinyData.run().data("image-folder", relative).build();
      Trainer.of(run).directory(directory()).train();
      Path moved = Files.move(images, temporary.resolve("moved"));

      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> Mlit.resume(directory()))
          .withMessage(
              "%s: data.directory: %s is not there, seen from %s; go on where the run was started,"
                  + " or say where it is:"
                  + " Trainer.of(RunDirectory.open(Path.of(\"%s\")).run(List.of(\"data.directory=DIR\")))"
                  + ".directory(Path.of(\"%s\")).resume(true)",
              directory(), relative, here, directory(), directory());

      RunSpec found = run.toBuilder().data("image-folder", moved.toString()).build();
      assertThat(Trainer.of(found).directory(directory()).resume(true).train().steps())
          .isEqualTo(1);
    }

    @Test
    void moreEpochsMakeADoneRunLonger() {
      train(RUN, 0);
      RunSpec longer = RUN.toBuilder().training(t -> t.epochs(5)).build();

      Stopper second = train(longer, 0);

      assertThat(second.calls)
          .containsExactly(
              "started at 16", "epoch 4", "step 17", "step 18", "step 19", "step 20", "epoch 5");
      assertThat(MetricsFile.epochs(directory().resolve("metrics.jsonl")))
          .extracting(TrainingListener.Epoch::epoch)
          .containsExactly(1, 2, 3, 4, 5);
    }

    @Test
    void moreStepsFinishAnEpochThatWasCutShort() {
      train(RUN.toBuilder().training(t -> t.steps(6)).build(), 0);
      RunSpec longer = RUN.toBuilder().training(t -> t.steps(9)).build();

      Stopper second = train(longer, 0);

      assertThat(second.calls)
          .containsExactly("started at 6", "step 7", "step 8", "epoch 2", "step 9", "epoch 3");
      assertThat(MetricsFile.epochs(directory().resolve("metrics.jsonl")))
          .extracting(TrainingListener.Epoch::step)
          .containsExactly(4L, 8L, 9L);
    }

    @Test
    void fewerEpochsThanAreDoneAreRefused() {
      train(RUN, 6);

      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> train(RUN.toBuilder().training(t -> t.epochs(1)).build(), 0))
          .withMessage(
              "%s: has trained 6 steps, more than the 4 of training.epochs and training.steps"
                  + " now; a run cannot become shorter than it is",
              directory());
    }

    @Test
    void otherNumberOfImagesIsRefused() {
      train(RUN, 6);

      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> resume(TinyData.dataset(51, 30)))
          .withMessage(
              "data: tiny has 51 images to train on and 30 to test on, had 50 and 30 when the run"
                  + " was started; a run can only be resumed with the images it was started with");
    }

    @Test
    void otherImagesOfTheSameNumberAreRefused() {
      train(RUN, 6);

      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> resume(TinyData.dataset(List.of("up", "down", "night"), 50, 30)))
          .withMessage(
              "data: tiny has other images, labels or class names than when the run was started; a"
                  + " run can only be resumed with the images it was started with");
    }

    private void resume(Dataset data) {
      Trainer.of(RUN).data(data).directory(directory()).resume(true).train();
    }
  }

  /** When a run is saved, and what of that is kept. */
  @Nested
  class Saving {
    @Test
    void anotherProcessOfThisJavaIsRefused() {
      RunDirectory.make(directory());
      RunLock lock = RunLock.acquire(directory());
      try {
        assertThatExceptionOfType(InvalidInputException.class)
            .isThrownBy(() -> train(RUN, 0))
            .withMessage(
                "%s: this process is training here; wait for it to end, or choose another"
                    + " directory (Trainer.directory)",
                directory());
      } finally {
        lock.close();
      }
      train(RUN, 1);
    }

    @Test
    void withoutResumeARunThatWasStartedIsNotOverwritten() {
      train(RUN, 3);

      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> Trainer.of(RUN).data(IMAGES).directory(directory()).train())
          .withMessage(
              "%s: exists already, a run needs a new or empty directory (Trainer.directory), or goes"
                  + " on with Trainer.resume(true)",
              directory());
    }

    @Test
    void latestRunOfANameIsTheOneThatWasWrittenLast() throws IOException {
      for (String name : List.of("tiny", "tiny-2", "tiny-3")) {
        RunDirectory.make(temporary.resolve(name));
        RunDirectory.create(temporary.resolve(name), RUN, List.of("a"));
      }
      UnaryOperator<Path> metrics = p -> p.resolve("metrics.jsonl");
      Files.writeString(metrics.apply(temporary.resolve("tiny")), "");
      Files.setLastModifiedTime(
          metrics.apply(temporary.resolve("tiny")), FileTime.from(Instant.now().plusSeconds(60)));

      assertThat(RunDirectory.latest(temporary, RUN)).isEqualTo(temporary.resolve("tiny"));
      assertThat(RunDirectory.latest(temporary.resolve("none"), RUN))
          .isEqualTo(temporary.resolve("none/tiny"));
    }

    @Test
    void withinAnEpochOnlyAfterSoManySteps() throws IOException {
      RunSpec run = RUN.toBuilder().checkpoints(c -> c.everySteps(3)).build();
      List<String> saved = new ArrayList<>();
      TrainingListener watch =
          new TrainingListener() {
            @Override
            public void step(Step step) {
              Checkpoint newest = RunDirectory.open(directory()).checkpoints().newest();
              saved.add(newest == null ? "" : newest.directory().getFileName().toString());
            }
          };

      Trainer.of(run).data(IMAGES).directory(directory()).listener(watch).train();

      assertThat(saved.subList(0, 9))
          .containsExactly(
              "", "", "", "step-3", "epoch-1", "epoch-1", "epoch-1", "step-7", "epoch-2");
    }
  }

  /** Runs that end before their last epoch. */
  @Nested
  class Early {
    @Test
    void listenerEndsTheRunAfterAStepAndItIsTestedAndSaved() {
      Stopper told = new Stopper(0);
      List<String> reasons = new ArrayList<>();
      TrainingListener limit =
          new TrainingListener() {
            private long steps;

            @Override
            public void step(Step step) {
              steps = step.step();
            }

            @Override
            public Optional<String> reasonToEnd() {
              return steps >= 6 ? Optional.of("enough") : Optional.empty();
            }

            @Override
            public void ended(TrainingResult result, Optional<String> reason) {
              reasons.add(reason.orElse("") + " after " + result.steps());
            }
          };

      Trainer.of(RUN).data(IMAGES).directory(directory()).listener(limit).listener(told).train();

      assertThat(told.calls).endsWith("step 6", "epoch 2");
      assertThat(reasons).containsExactly("enough after 6");
      train(RUN, 0);
      assertSameAsUndisturbed();
    }

    @Test
    void patienceCountsOnAcrossAResume() {
      RunSpec run =
          RUN.toBuilder()
              .optimizer(o -> o.learningRate(1e-30).weightDecay(0))
              .training(t -> t.epochs(9))
              .earlyStopping(e -> e.patience(2).metric(Metric.TEST_ACCURACY))
              .build();
      Stopper first = new Stopper(0);
      Trainer.of(run).data(IMAGES).directory(temporary.resolve("whole")).listener(first).train();

      Stopper stopper = new Stopper(9);
      Trainer trainer = Trainer.of(run).data(IMAGES).directory(directory()).listener(stopper);
      stopper.stop = trainer::stop;
      assertThatExceptionOfType(RunStoppedException.class).isThrownBy(trainer::train);
      Stopper second = train(run, 0);

      // No weight changes: epoch 1 is the best, and two more are waited for.
      assertThat(first.calls).endsWith("step 12", "epoch 3");
      assertThat(second.calls)
          .containsExactly("started at 9", "step 10", "step 11", "step 12", "epoch 3");
    }

    @Test
    void bestEpochStaysWhenLaterOnesAreWorse() {
      // Trained, then led astray: the rate of a long schedule rises to what no model survives.
      RunSpec run =
          TinyData.run()
              .training(t -> t.epochs(9))
              .optimizer(o -> o.learningRate(0.4).weightDecay(0))
              .schedule(s -> s.warmupEpochs(9))
              .build();

      Trainer.of(run).data(IMAGES).directory(directory()).train();

      RunDirectory directory = RunDirectory.open(directory());
      List<TrainingListener.Epoch> epochs = MetricsFile.epochs(directory.metrics());
      TrainingListener.Epoch best = BestEpoch.of(epochs, EpochChoice.BEST_ON_TEST).orElseThrow();
      assertThat(best.epoch()).isLessThan(8);
      assertThat(directory.result(EpochChoice.BEST_ON_TEST).checkpoint())
          .isEqualTo(directory().resolve("checkpoints/epoch-" + best.epoch() + "/variables"));
      assertThat(directory.result(EpochChoice.BEST_ON_TEST).testAccuracy())
          .isEqualTo(best.testAccuracy());
      assertThat(directory.result().steps()).isEqualTo(36);
      assertThat(IntStream.rangeClosed(1, 9).filter(this::isThere))
          .containsExactly(best.epoch(), 8, 9);
    }

    private boolean isThere(int epoch) {
      return Files.exists(directory().resolve("checkpoints/epoch-" + epoch));
    }
  }
}
