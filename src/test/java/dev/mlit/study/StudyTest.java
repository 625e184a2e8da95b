package dev.mlit.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ProbeSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.RunSpec.Task;
import dev.mlit.spec.Specs;
import dev.mlit.spec.StudySpec;
import dev.mlit.spec.StudySpec.ArmKind;
import dev.mlit.testing.TinyData;
import dev.mlit.train.RunDirectory;
import dev.mlit.train.RunLock;
import dev.mlit.train.RunStoppedException;
import dev.mlit.train.Trainer;
import dev.mlit.train.TrainingListener;
import dev.mlit.weights.Weights;
import dev.mlit.zoo.Zoo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * If this fails, a researcher's table compares what is not comparable, loses hours of work when a
 * study is stopped, or says something else the second time.
 */
@Tag("slow")
class StudyTest {
  private static final String STUDY =
      """
      name: tiny-study
      pretraining: [{name: pre, run: pre.yaml}]
      targets:
        - {name: bars, run: tune.yaml, fractions: [{labels: 0.25, steps: 4}, {labels: 1, steps: 6}]}
      arms: [{arm: scratch}, {arm: fine-tune}, {arm: linear-probe, set: [probe.l2=0.5]}, {arm: nearest-neighbour, set: [probe.k=3]}]
      seeds: [1, 2]
      tests: 2
      """;

  @TempDir private static Path specs;
  @TempDir private static Path done;
  private static final Trained TRAINED = new Trained();

  /** What nothing has disturbed, for every test that compares with it. */
  private static StudyResult undisturbed;

  @TempDir private Path temporary;

  @BeforeAll
  static void trainOnce() throws IOException {
    RunSpec pretraining =
        TinyData.run()
            .name("pre")
            .task(Task.RECONSTRUCT)
            .model(
                TinyData.model().toBuilder().classes(0).mask(0.5).decoder(1, 8, 6, 2, 2, 1).build())
            .build();
    Files.writeString(specs.resolve("pre.yaml"), Specs.yaml(pretraining));
    Files.writeString(
        specs.resolve("tune.yaml"),
        Specs.yaml(TinyData.run().augmentation(a -> a.flip(true)).ema(0.5).build()));
    Files.writeString(specs.resolve("study.yaml"), STUDY);
    undisturbed = study(done).listener(TRAINED).run();
  }

  private static Study study(Path directory) {
    return Study.read(specs.resolve("study.yaml"), List.of())
        .directory(directory)
        .datasets(data -> TinyData.dataset(48, 24));
  }

  /** Counts what is trained. */
  private static final class Trained implements StudyListener {
    private final List<String> names = new ArrayList<>();

    @Override
    public void training(Run run, Trainer trainer) {
      names.add(run.name());
    }
  }

  /** Another process is at the pre-training, without which nothing can begin, and hangs. */
  @Test
  void anInterruptEndsTheWaitForOtherProcesses() throws IOException {
    Path study = specs.resolve("waits.yaml");
    Files.writeString(
        study, STUDY.replaceFirst("arms: .*", "arms: [{arm: fine-tune}]").replace("tiny-", "w-"));
    Path claim = Files.createDirectories(temporary.resolve("study/claims/pre"));
    List<String> waited = new ArrayList<>();
    StudyListener interrupter =
        new StudyListener() {
          @Override
          public void waiting(List<String> runs) {
            waited.addAll(runs);
            Thread.currentThread().interrupt();
          }
        };
    try (RunLock lock = RunLock.tryAcquire(claim)) {
      assertThat(lock).isNotNull();
      assertThatExceptionOfType(RunStoppedException.class)
          .isThrownBy(
              () ->
                  Study.read(study, List.of())
                      .directory(temporary.resolve("study"))
                      .datasets(data -> TinyData.dataset(48, 24))
                      .listener(interrupter)
                      .run())
          .withMessage("stopped while it waited for the other processes that run the study");
    }

    assertThat(Thread.interrupted()).as("stays interrupted").isTrue();
    assertThat(waited).startsWith("pre").hasSize(1 + 2 * 2);
  }

  @Test
  void trainsEveryCellOnceAndSaysMeanAndDeviation() throws IOException {
    StudyResult result = undisturbed;
    assertThat(TRAINED.names)
        .hasSize(1 + 2 * 4 * 2)
        .doesNotHaveDuplicates()
        .contains("pre", "bars-25pct-scratch-s1", "bars-100pct-fine-tune-pre-s2");
    assertThat(result.rows())
        .extracting(row -> row.arm() + " " + row.labels() + " " + row.images())
        .containsExactly(
            "scratch 0.25 12",
            "fine-tune 0.25 12",
            "linear-probe 0.25 12",
            "nearest-neighbour 0.25 12",
            "scratch 1.0 48",
            "fine-tune 1.0 48",
            "linear-probe 1.0 48",
            "nearest-neighbour 1.0 48");
    for (StudyResult.Row row : result.rows()) {
      double first = row.accuracies().get(0);
      double second = row.accuracies().get(1);
      assertThat(row.seeds()).containsExactly(1, 2);
      assertThat(row.mean()).isCloseTo((first + second) / 2, within(1e-12));
      assertThat(row.deviation()).isCloseTo(Math.abs(first - second) / Math.sqrt(2), within(1e-12));
    }
    Path tuned = done.resolve("cells/bars-25pct-fine-tune-pre-s1");
    assertThat(RunDirectory.open(tuned).run().training().steps()).isEqualTo(4);
    assertThat(RunDirectory.open(tuned).run().augmentation().flip()).isTrue();
    Path cell = done.resolve("cells/bars-25pct-linear-probe-pre-s1");
    RunSpec run = RunDirectory.open(cell).run();
    assertThat(run.data().labelFraction()).isEqualTo(0.25);
    assertThat(run.training().seed()).isEqualTo(1);
    assertThat(run.probe()).isEqualTo(new ProbeSpec(ProbeSpec.Kind.LOGISTIC_REGRESSION, 0.5, 20));
    // The recipe of the other arms has what no probe uses.
    assertThat(run.augmentation().flip()).isFalse();
    assertThat(run.ema()).isNull();
    assertThat(
            RunDirectory.open(done.resolve("cells/bars-25pct-nearest-neighbour-pre-s2"))
                .run()
                .probe())
        .isEqualTo(new ProbeSpec(ProbeSpec.Kind.NEAREST_NEIGHBOURS, 1, 3));
    assertThat(RunDirectory.open(cell).result().testAccuracy())
        .isEqualTo(result.rows().get(2).accuracies().get(0));

    assertThat(done.resolve("table.txt"))
        .usingCharset(StandardCharsets.UTF_8)
        .hasContent(result.text());
    assertThat(done.resolve("results.csv"))
        .usingCharset(StandardCharsets.UTF_8)
        .hasContent(result.csv());
    assertThat(done.resolve("results.tex"))
        .usingCharset(StandardCharsets.UTF_8)
        .hasContent(result.latex());
    assertThat(done.resolve("gains.csv"))
        .usingCharset(StandardCharsets.UTF_8)
        .hasContent(result.gainsCsv());
    assertThat(done.resolve("gains.tex"))
        .usingCharset(StandardCharsets.UTF_8)
        .hasContent(result.gainsLatex());
    assertThat(Files.readString(done.resolve("table.md")))
        .startsWith("| target | labels | images | scratch | fine-tune |")
        .contains("| bars | 25 % | 12 | ");
    assertThat(Files.readString(done.resolve("table.json")))
        .contains("\"accuracies\"", "\"deviation\"");
    assertThat(Files.readString(done.resolve("report.html")))
        .contains("Accuracy by labels", "Learning curves", "Reconstructions", "Experts", "Features")
        .containsPattern(
            "25 % of the labels: fine-tune</span><strong>[+-][0-9.]+ points</strong><small>against"
                + " scratch; 95\u00a0% interval [+-][0-9.]+ to [+-][0-9.]+, 2 seeds<")
        .doesNotContain("http://", "https://");
  }

  @Test
  void startedAgainItTrainsNothingAndSaysTheSame() {
    Trained trained = new Trained();
    StudyResult second = study(done).listener(trained).run();
    assertThat(trained.names).isEmpty();
    assertThat(second).isEqualTo(undisturbed);
  }

  @Test
  void whereverItIsStoppedTheTableIsTheSame() {
    Path other = temporary.resolve("other");
    AtomicInteger steps = new AtomicInteger();
    StudyListener stopping =
        new StudyListener() {
          @Override
          public void training(Run run, Trainer trainer) {
            trainer.listener(
                new TrainingListener() {
                  @Override
                  public void step(Step step) {
                    // In pre-training, in the first cells, and at the end of one.
                    if (List.of(2, 5, 11).contains(steps.incrementAndGet())) {
                      trainer.stop();
                    }
                  }
                });
          }
        };
    for (int i = 0; i < 3; i++) {
      assertThatExceptionOfType(RunStoppedException.class)
          .isThrownBy(() -> study(other).listener(stopping).run());
    }
    assertThat(accuracies(study(other).run())).isEqualTo(accuracies(undisturbed));
  }

  private static List<List<Double>> accuracies(StudyResult result) {
    return result.rows().stream().map(StudyResult.Row::accuracies).toList();
  }

  @Test
  void cellsThatWereRunWithOtherSettingsAreNotMixedIn() throws IOException {
    Path changed = specs.resolve("changed.yaml");
    String first = STUDY.replace("seeds: [1, 2]", "seeds: [1]").replace("tests: 2", "tests: 1");
    Files.writeString(changed, first);
    Study.read(changed, List.of())
        .directory(temporary.resolve("study"))
        .datasets(data -> TinyData.dataset(48, 24))
        .run();
    Files.writeString(changed, first.replace("steps: 4", "steps: 5"));

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                Study.read(changed, List.of())
                    .directory(temporary.resolve("study"))
                    .datasets(data -> TinyData.dataset(48, 24))
                    .run())
        .withMessageContaining("was run with other settings than the study has now");
  }

  @Test
  void aLearningCurveHasAtLeastTwoPoints() throws IOException {
    Path changed = specs.resolve("curves.yaml");
    // A quarter of the labels makes one epoch, and so one test; all of them make two.
    Files.writeString(
        changed,
        STUDY
            .replace("seeds: [1, 2]", "seeds: [1]")
            .replaceAll("arms: .*", "arms: [{arm: scratch}]")
            .replace("labels: 0.25, steps: 4", "labels: 0.25, steps: 1"));
    Study.read(changed, List.of())
        .directory(temporary.resolve("study"))
        .datasets(data -> TinyData.dataset(48, 24))
        .run();

    assertThat(Files.readString(temporary.resolve("study/report.html")))
        .contains("Learning curves", "Test accuracy, bars, 100 %")
        .doesNotContain("Test accuracy, bars, 25 %");
  }

  @Test
  void preTrainingGoesOnFromPreTrainingFurtherUp() throws IOException {
    Path longer = specs.resolve("longer.yaml");
    Files.writeString(
        longer,
        STUDY
            .replace("run: pre.yaml}", "run: pre.yaml}, {name: longer, run: pre.yaml, from: pre}")
            .replace("seeds: [1, 2]", "seeds: [1]")
            .replace("{labels: 0.25, steps: 4}, ", ""));
    Trained trained = new Trained();
    Path place = temporary.resolve("study");

    StudyResult result =
        Study.read(longer, List.of())
            .directory(place)
            .datasets(data -> TinyData.dataset(48, 24))
            .listener(trained)
            .run();

    assertThat(trained.names)
        .startsWith("pre", "longer")
        .contains("bars-100pct-fine-tune-longer-s1");
    assertThat(result.arms())
        .containsExactly(
            "scratch",
            "fine-tune from pre",
            "fine-tune from longer",
            "linear-probe from pre",
            "linear-probe from longer",
            "nearest-neighbour from pre",
            "nearest-neighbour from longer");
    assertThat(Files.readString(place.resolve("report.html")))
        .as("the gain of every arm, not bold, as there is one seed")
        .containsPattern(
            "100 % of the labels: fine-tune from pre</span><em>[+-][0-9.]+ points</em>")
        .containsPattern("100 % of the labels: fine-tune from longer</span><em>")
        .containsPattern("100 % of the labels: linear-probe from longer</span><em>")
        .doesNotContain("<strong>");
    RunSpec second = RunDirectory.open(place.resolve("pretraining/longer")).run();
    assertThat(Objects.requireNonNull(second.initialize()).from())
        .isEqualTo(place.resolve("pretraining/pre").toString());
  }

  @Test
  void armsOfOneKindHaveDirectoriesAndColumnsOfTheirNames() throws IOException {
    Path named = specs.resolve("named.yaml");
    Files.writeString(
        named,
        STUDY
            .replaceAll(
                "arms: .*",
                "arms: [{arm: scratch}, {arm: scratch, name: wide, set: [training.batch=24]}]")
            .replace("pretraining: [{name: pre, run: pre.yaml}]", "pretraining: []")
            .replace("{labels: 0.25, steps: 4}, ", ""));
    Path place = temporary.resolve("study");

    StudyResult result =
        Study.read(named, List.of())
            .directory(place)
            .datasets(data -> TinyData.dataset(48, 24))
            .run();

    assertThat(result.arms()).containsExactly("scratch", "wide");
    assertThat(RunDirectory.open(place.resolve("cells/bars-100pct-wide-s1")).run().training())
        .extracting(t -> t.batch())
        .isEqualTo(24);
    assertThat(RunDirectory.open(place.resolve("cells/bars-100pct-scratch-s1")).run().training())
        .extracting(t -> t.batch())
        .isEqualTo(16);
  }

  @Test
  void aStudyInCodeIsThatOfTheFile() {
    StudySpec spec =
        StudySpec.builder("in-code")
            .target("bars", t -> t.run("tune.yaml").fraction(0.25, 4))
            .arm(ArmKind.SCRATCH)
            .seeds(1)
            .tests(1)
            .build();

    StudyResult result =
        Study.of(spec, specs)
            .directory(temporary.resolve("study"))
            .datasets(data -> TinyData.dataset(48, 24))
            .run();

    assertThat(result.rows()).hasSize(1);
    assertThat(result.row("bars", 0.25, "scratch").orElseThrow().images()).isEqualTo(12);
  }

  /** On one disk, two runs in one directory would be one run with two names. */
  @Test
  void cellsOfOneNameAreFoundBeforeAnythingIsTrained() throws IOException {
    Path same = specs.resolve("same.yaml");
    Files.writeString(
        same,
        STUDY.replaceAll(
            "arms: .*", "arms: [{arm: scratch, name: A-PRE}, {arm: fine-tune, name: a}]"));

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Study.read(same, List.of()).directory(temporary.resolve("study")).run())
        .withMessage(
            "bars-25pct-a-pre-s1: two cells of the study have this name: rename an arm or a target");
  }

  /** The classes of the source are as many as those of the target, so its head would fit. */
  @Test
  void supervisedPreTrainingGivesItsEncoderAndNotItsHead() throws IOException {
    Files.writeString(
        specs.resolve("supervised.yaml"),
        Specs.yaml(TinyData.run().name("supervised").training(t -> t.epochs(2).batch(16)).build()));
    Path study = specs.resolve("supervised-study.yaml");
    Files.writeString(
        study,
        """
        name: supervised-study
        pretraining: [{name: source, run: supervised.yaml}]
        targets: [{name: bars, run: tune.yaml, fractions: [{labels: 1, steps: 1}]}]
        arms:
          - {arm: fine-tune, set: [optimizer.learning-rate=1.0e-30, optimizer.weight-decay=0]}
        seeds: [1]
        tests: 1
        """);
    Path place = temporary.resolve("study");

    Study.read(study, List.of()).directory(place).datasets(data -> TinyData.dataset(48, 24)).run();

    Weights source = RunDirectory.open(place.resolve("pretraining/source")).result().weights();
    RunDirectory cell = RunDirectory.open(place.resolve("cells/bars-100pct-fine-tune-source-s1"));
    Weights tuned = cell.result().weights();
    assertThat(cell.run().initialize())
        .isEqualTo(new RunSpec.Initialize(place.resolve("pretraining/source").toString(), false));
    assertThat(tuned.arrays().keySet()).isEqualTo(source.arrays().keySet());
    tuned
        .arrays()
        .forEach(
            (name, array) -> {
              float[] before = Objects.requireNonNull(source.arrays().get(name)).values();
              if (name.equals("head/kernel")) {
                assertThat(array.values()).as(name).isNotEqualTo(before);
              } else if (!name.startsWith("head/")) {
                assertThat(array.values()).as(name).isEqualTo(before);
              }
            });
    assertThat(Files.readString(place.resolve("report.html"))).contains("source, pre-trained");
  }

  @Test
  void preTrainingThatGoesOnFromNothingIsFoundBeforeAnythingIsTrained() throws IOException {
    Path study = specs.resolve("nothing.yaml");
    // A name further down is none further up.
    Files.writeString(
        study,
        STUDY.replace(
            "{name: pre, run: pre.yaml}",
            "{name: longer, run: pre.yaml, from: pre}, {name: pre, run: pre.yaml}"));

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Study.read(study, List.of()).directory(temporary.resolve("study")).run())
        .withMessage(
            "pretraining longer: pre is not there, nor pre-training further up, nor a model that"
                + " comes along (%s)",
            Zoo.names());
  }

  @Test
  void aModelThatCannotStartFromThePretrainedOneIsFoundBeforeAnythingIsTrained()
      throws IOException {
    Files.writeString(
        specs.resolve("other.yaml"),
        Specs.yaml(
            TinyData.run().model(TinyData.model().toBuilder().embedding(16).build()).build()));
    Path study = specs.resolve("misfit.yaml");
    Files.writeString(study, STUDY.replace("tune.yaml", "other.yaml"));
    Trained trained = new Trained();

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                Study.read(study, List.of())
                    .directory(temporary.resolve("study"))
                    .listener(trained)
                    .run())
        .withMessageContaining("patch_embedding/kernel[16, 16] is [16, 12] there");
    assertThat(trained.names).isEmpty();
  }
}
