package dev.mlit.train.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.Mlit;
import dev.mlit.data.Dataset;
import dev.mlit.insight.Progress;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.spec.ClusterSpec;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ProbeSpec.Kind;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.RunSpecBuilder;
import dev.mlit.testing.NoisyData;
import dev.mlit.testing.Python;
import dev.mlit.testing.TinyData;
import dev.mlit.testing.WorkerProcesses;
import dev.mlit.train.Listeners;
import dev.mlit.train.RunDirectory;
import dev.mlit.train.RunStoppedException;
import dev.mlit.train.Trainer;
import dev.mlit.train.TrainingListener;
import dev.mlit.train.TrainingResult;
import dev.mlit.weights.Weights;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Probes of frozen features. If this fails, what mlit says that features are worth is not what they
 * are worth: a researcher would give up a pre-training that is as good as another one.
 */
@Tag("slow")
class ProbeTest {
  private static final Dataset DATA = NoisyData.dataset(360, 90, 300);

  @TempDir private static Path shared;

  /** Weights that have learned a little of other images. */
  private static Path encoder;

  @TempDir private Path temporary;

  @BeforeAll
  static void train() {
    encoder = shared.resolve("encoder");
    Trainer.of(TinyData.run().training(t -> t.epochs(2)).build())
        .data(TinyData.dataset(96, 24))
        .directory(encoder)
        .train();
  }

  private static RunSpecBuilder probe() {
    RunSpec run =
        TinyData.run().name("probe").initialize(encoder.toString()).probe(p -> {}).build();
    return run.toBuilder();
  }

  private static RunSpec neighbours() {
    return probe().probe(p -> p.kind(Kind.NEAREST_NEIGHBOURS).k(10)).build();
  }

  private Mlit.TrainedModel train(RunSpec run, TrainingListener... listeners) {
    return Mlit.train(
        run,
        trainer -> {
          trainer.data(DATA).directory(temporary.resolve("run"));
          for (TrainingListener listener : listeners) {
            trainer.listener(listener);
          }
        });
  }

  // ---- The truth ----

  /** The example program does what a colleague would do, with the features of the SavedModel. */
  @Test
  void bothKindsAgreeWithScikitLearnWithinAPoint() throws IOException {
    Python python = Python.with("sklearn", "tensorflow", "PIL", "yaml");
    Path images = temporary.resolve("images");
    NoisyData.write(DATA.train(), images.resolve("train"));
    NoisyData.write(DATA.test(), images.resolve("test"));
    Mlit.TrainedModel linear = train(probe().build());
    TrainingResult nearest =
        Trainer.of(neighbours()).data(DATA).directory(temporary.resolve("nearest")).train();
    String printed =
        python.run(
            Duration.ofMinutes(3),
            Map.of(),
            Path.of("examples/python/scikit_learn.py").toAbsolutePath().toString(),
            linear.savedModel().toString(),
            images.toString(),
            "--neighbours",
            "10");
    assertThat(linear.training().testAccuracy())
        .isCloseTo(number(printed, "linear probe +([0-9.]+)"), within(0.01))
        .isBetween(0.5, 0.95);
    assertThat(nearest.testAccuracy())
        .isCloseTo(number(printed, "nearest neighbours +([0-9.]+)"), within(0.01))
        .isBetween(0.5, 0.95);
  }

  private static double number(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as(text).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  // ---- A run like any other ----

  @Test
  void leavesTheEncoderAsItIsAndExportsAClassifierThatIsAsGood() {
    List<TrainingListener.Epoch> epochs = new ArrayList<>();
    Mlit.TrainedModel probed = train(probe().build(), Listeners.epochs(epochs::add));
    Map<String, Weights.Array> before = RunDirectory.open(encoder).result().weights().arrays();
    Map<String, Weights.Array> after = probed.training().weights().arrays();
    before.forEach(
        (name, array) -> {
          float[] values = Objects.requireNonNull(after.get(name)).values();
          if (name.startsWith("head/")) {
            assertThat(values).as(name).isNotEqualTo(array.values());
          } else {
            assertThat(values).as(name).isEqualTo(array.values());
          }
        });
    assertThat(epochs).hasSize(1);
    assertThat(epochs.get(0).trainAccuracy()).isBetween(0.5, 0.95);
    assertThat(epochs.get(0).trainLoss()).isBetween(0.1, 1.1);
    try (Classifier classifier = Mlit.load(probed.savedModel())) {
      assertThat(classifier.evaluate(DATA).accuracy()).isEqualTo(probed.training().testAccuracy());
    }
    assertThat(probed.savedModel().resolve("README.md"))
        .content()
        .contains(
            "| trained | only the head: logistic regression on the standardised features, l2 1.0 |");
  }

  @Test
  void theRunDirectoryHasWhatThatOfATrainedRunHas() throws IOException {
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    Mlit.TrainedModel probed =
        train(
            probe().build(),
            Progress.on(new PrintStream(shown, true, StandardCharsets.UTF_8), false));
    Path run = temporary.resolve("run");
    assertThat(run.resolve("report.html"))
        .content()
        .contains("logistic regression", "Worst mistakes", "Test accuracy", "Validation accuracy")
        .doesNotContain("Learning rate", "NaN %");
    assertThat(run.resolve("metrics.jsonl"))
        .content()
        .contains("\"train_loss\":", "\"test_accuracy\":" + probed.training().testAccuracy())
        .doesNotContain("NaN");
    assertThat(shown.toString(StandardCharsets.UTF_8))
        .contains(
            "360 images to train on, 90 to validate on, 300 to test on; a linear probe\n",
            "probe  loss 0.",
            "probe tested  test accuracy 0.")
        .doesNotContain("epoch 1");
    assertThat(RunDirectory.open(run).result().testAccuracy())
        .isEqualTo(probed.training().testAccuracy());
    Path exported = temporary.resolve("exported");
    Mlit.export(run, exported);
    assertThat(exported.resolve("saved_model.pb")).exists();
  }

  @Test
  void aSmallerPenaltyFitsTheTrainingImagesBetter() {
    List<Double> losses = new ArrayList<>();
    for (double l2 : new double[] {100, 1, 0.01}) {
      Trainer.of(probe().probe(p -> p.l2(l2)).build())
          .data(DATA)
          .directory(temporary.resolve("l2-" + l2))
          .listener(Listeners.epochs(e -> losses.add(e.trainLoss())))
          .train();
    }
    assertThat(losses).hasSize(3).isSortedAccordingTo((a, b) -> Double.compare(b, a));
  }

  @Test
  void theSameProbeGivesTheSameBits() {
    TrainingResult first = train(probe().build()).training();
    TrainingResult second =
        Trainer.of(probe().build()).data(DATA).directory(temporary.resolve("again")).train();
    assertThat(second.weights().arrays().get("head/kernel"))
        .usingRecursiveComparison()
        .isEqualTo(first.weights().arrays().get("head/kernel"));
  }

  // ---- Nearest neighbours ----

  @Test
  void neighboursAreARunWithoutAHead() throws IOException {
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    Mlit.TrainedModel asked =
        train(
            neighbours(), Progress.on(new PrintStream(shown, true, StandardCharsets.UTF_8), false));
    assertThat(asked.training().testAccuracy()).isBetween(0.5, 0.95);
    assertThat(asked.training().testLoss()).isBetween(0.1, 1.5);
    assertThat(asked.savedModel()).doesNotExist();
    Path run = temporary.resolve("run");
    assertThat(shown.toString(StandardCharsets.UTF_8))
        .contains(
            "a probe by the 10 nearest neighbours\n",
            "probe  validation accuracy 0.",
            "probe tested  test accuracy 0.")
        .doesNotContain("NaN", "loss");
    assertThat(run.resolve("report.html"))
        .content()
        .contains("nearest neighbours", "Worst mistakes");
    assertThat(run.resolve("metrics.jsonl")).content().doesNotContain("NaN", "train_loss");
    assertThat(RunDirectory.open(run).epochs().get(0).trainLoss()).isNaN();
    for (Runnable export :
        List.<Runnable>of(
            () -> Mlit.export(run, temporary.resolve("exported")),
            () -> Mlit.exportWeights(run, temporary.resolve("exported")))) {
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(export::run)
          .withMessage(
              run
                  + ": has no head to export, as probe.kind is nearest-neighbours;"
                  + " logistic-regression makes one");
    }
    assertThat(temporary.resolve("exported")).doesNotExist();
  }

  // ---- Resumed ----

  @Test
  void stoppedBeforeTheTestEitherKindGoesOn() {
    for (RunSpec run : List.of(probe().build(), neighbours())) {
      Path directory = temporary.resolve(Objects.requireNonNull(run.probe()).kind().name());
      Trainer first = Trainer.of(run).data(DATA).directory(directory);
      first.listener(
          new TrainingListener() {
            @Override
            public void step(Step step) {
              first.stop();
            }
          });
      assertThatExceptionOfType(RunStoppedException.class).isThrownBy(first::train);
      Trainer second = Trainer.of(run).data(DATA).directory(directory).resume(true);
      TrainingResult resumed = second.train();
      TrainingResult undisturbed =
          Trainer.of(run)
              .data(DATA)
              .directory(temporary.resolve("undisturbed-" + directory.getFileName()))
              .train();
      assertThat(resumed.testAccuracy()).isEqualTo(undisturbed.testAccuracy());
      assertThat(resumed.testLoss()).isEqualTo(undisturbed.testLoss());
      // Done, it is tested again.
      assertThat(
              Trainer.of(run).data(DATA).directory(directory).resume(true).train().testAccuracy())
          .isEqualTo(undisturbed.testAccuracy());
    }
  }

  // ---- Several workers ----

  /** A worker that probes, and measures neighbours beside it. */
  static final class Worker {
    private Worker() {}

    public static void main(String[] args) {
      Mlit.tuneProcess();
      TrainingResult result =
          Trainer.of(probeOfWorkers(args[1], Kind.valueOf(args[2])))
              .data(DATA)
              .directory(Path.of(args[0]))
              .cluster(ClusterSpec.of(System.getenv()).orElse(null))
              .train();
      System.out.println("accuracy " + result.testAccuracy() + ", loss " + result.testLoss());
      System.exit(0);
    }
  }

  private static RunSpec probeOfWorkers(String from, Kind kind) {
    return TinyData.run()
        .initialize(from)
        .training(t -> t.threads(1))
        .probe(p -> p.kind(kind))
        .neighbours(n -> n.k(5))
        .build();
  }

  /** The last line, after what the log says. */
  private static String result(String said) {
    return said.lines().filter(line -> line.startsWith("accuracy ")).findFirst().orElse(said);
  }

  @Test
  void severalWorkersFindWhatOneFinds() throws Exception {
    Path together = temporary.resolve("together");
    try (WorkerProcesses processes = WorkerProcesses.of(temporary, 2)) {
      processes.startAll(
          Worker.class, together.toString(), encoder.toString(), Kind.LOGISTIC_REGRESSION.name());
      processes.assertAllDone();
      assertThat(result(processes.said(1))).isEqualTo(result(processes.said(0)));
    }
    Path one = temporary.resolve("alone");
    Trainer.of(probeOfWorkers(encoder.toString(), Kind.LOGISTIC_REGRESSION))
        .data(DATA)
        .directory(one)
        .train();
    TrainingListener.Epoch alone = RunDirectory.open(one).epochs().get(0);
    TrainingListener.Epoch found = RunDirectory.open(together).epochs().get(0);
    assertThat(found.testAccuracy()).isEqualTo(alone.testAccuracy());
    assertThat(found.trainLoss()).isCloseTo(alone.trainLoss(), within(1e-5));
    assertThat(found.neighboursAccuracy()).isEqualTo(alone.neighboursAccuracy());
    assertThat(found.neighboursAccuracy()).isBetween(0.4, 0.95);
  }
}
