package dev.mlit.train.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.Mlit;
import dev.mlit.cluster.Workers;
import dev.mlit.data.Dataset;
import dev.mlit.data.Split;
import dev.mlit.insight.Progress;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.RunSpec.Task;
import dev.mlit.spec.RunSpecBuilder;
import dev.mlit.testing.NoisyData;
import dev.mlit.testing.Python;
import dev.mlit.testing.TinyData;
import dev.mlit.train.Listeners;
import dev.mlit.train.RunDirectory;
import dev.mlit.train.RunStoppedException;
import dev.mlit.train.Trainer;
import dev.mlit.train.TrainingListener;
import dev.mlit.train.TrainingResult;
import dev.mlit.train.step.TrainingGraph;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nearest neighbours while an autoencoder is pre-trained. If this fails, a user finds out only
 * after fine-tuning, hours later, that pre-training has not helped; or the measure looks at what
 * only the last test may see.
 */
@Tag("slow")
class NeighbourAccuracyTest {
  /** The images that are pre-trained on: those with labels that are asked for, and others. */
  private static final Dataset NOISY = NoisyData.dataset(240, 120, 60);

  private static final Dataset JOINED =
      Dataset.join(List.of(NOISY, TinyData.dataset(48, 24).withValidation(0.25, 1)));

  @TempDir private static Path shared;

  private static Mlit.TrainedModel pretrained;
  private static final List<TrainingListener.Epoch> EPOCHS = new ArrayList<>();
  private static String shown = "";

  @TempDir private Path temporary;

  private static RunSpecBuilder run() {
    ModelSpec model =
        TinyData.model().toBuilder()
            .name("tiny-autoencoder")
            .patch(2)
            .classes(0)
            .mask(0.75)
            .decoder(1, 12, 8, 3, 2, 1)
            .build();
    RunSpec run =
        TinyData.run().task(Task.RECONSTRUCT).model(model).training(t -> t.epochs(3)).build();
    return run.toBuilder();
  }

  @BeforeAll
  static void pretrain() {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    pretrained =
        Mlit.train(
            run().neighbours(n -> n.every(2).k(7)).build(),
            trainer ->
                trainer
                    .data(JOINED)
                    .directory(shared.resolve("run"))
                    .listener(Listeners.epochs(EPOCHS::add))
                    .listener(
                        Progress.on(new PrintStream(stream, true, StandardCharsets.UTF_8), false)));
    shown = stream.toString(StandardCharsets.UTF_8);
  }

  @Test
  void isMeasuredAsOftenAsAskedForAndAfterTheLastEpoch() {
    assertThat(EPOCHS).extracting(TrainingListener.Epoch::epoch).containsExactly(1, 2, 3);
    assertThat(EPOCHS.get(0).neighboursAccuracy()).isNaN();
    assertThat(EPOCHS.get(1).neighboursAccuracy()).isBetween(0.34, 0.95);
    assertThat(EPOCHS.get(2).neighboursAccuracy()).isBetween(0.34, 0.95);
  }

  /** Of the first dataset alone: its training images vote, its validation images are asked. */
  @Test
  void isWhatScikitLearnFindsByTheFeaturesOfTheSavedModel() throws IOException {
    Python python = Python.with("sklearn", "tensorflow", "PIL", "yaml");
    Path images = temporary.resolve("images");
    NoisyData.write(NOISY.train(), images.resolve("train"));
    NoisyData.write(NOISY.validation().orElseThrow(), images.resolve("test"));
    String printed =
        python.run(
            Duration.ofMinutes(3),
            Map.of(),
            Path.of("examples/python/scikit_learn.py").toAbsolutePath().toString(),
            pretrained.savedModel().toString(),
            images.toString(),
            "--neighbours",
            "7");
    Matcher found = Pattern.compile("nearest neighbours +([0-9.]+)").matcher(printed);
    assertThat(found.find()).as(printed).isTrue();
    // One image of 120 is 0.0083, and may be as similar to one neighbour as to another.
    assertThat(EPOCHS.get(2).neighboursAccuracy())
        .isCloseTo(Double.parseDouble(found.group(1)), within(0.01));
  }

  @Test
  void isShownWhereverAnEpochIs() throws IOException {
    String last = String.format(Locale.ROOT, "%.4f", EPOCHS.get(2).neighboursAccuracy());
    assertThat(shown.lines().filter(line -> line.startsWith("epoch 3/3")).findFirst())
        .hasValueSatisfying(line -> assertThat(line).contains("  neighbours " + last + "  "));
    assertThat(shown.lines().filter(line -> line.startsWith("epoch 1/3")).findFirst())
        .hasValueSatisfying(line -> assertThat(line).doesNotContain("neighbours"));
    Path run = shared.resolve("run");
    assertThat(Files.readAllLines(run.resolve("metrics.jsonl")))
        .filteredOn(line -> line.contains("\"neighbours_accuracy\""))
        .hasSize(2)
        .last()
        .asString()
        .contains("\"neighbours_accuracy\":" + EPOCHS.get(2).neighboursAccuracy());
    assertThat(RunDirectory.open(run).epochs())
        .extracting(TrainingListener.Epoch::neighboursAccuracy)
        .isEqualTo(EPOCHS.stream().map(TrainingListener.Epoch::neighboursAccuracy).toList());
    assertThat(run.resolve("report.html"))
        .content()
        .contains("Accuracy of nearest neighbours", "validation images, k = 7, after epoch 3");
    try (Stream<Path> files = Files.list(run)) {
      Path events =
          files
              .filter(f -> f.getFileName().toString().contains("tfevents"))
              .findFirst()
              .orElseThrow();
      assertThat(Files.readString(events, StandardCharsets.ISO_8859_1))
          .contains("accuracy/neighbours");
    }
    assertThat(pretrained.savedModel().resolve("README.md"))
        .content()
        .contains(
            "| data | noisy + tiny: 276 images to train on, 132 to validate on, 84 to test on |")
        .contains(
            "| nearest neighbours | "
                + last
                + " of the validation images, by the features, k = 7 |");
  }

  @Test
  void changesNoWeight() {
    TrainingResult without =
        Trainer.of(run().build()).data(JOINED).directory(temporary.resolve("run")).train();
    pretrained
        .training()
        .weights()
        .arrays()
        .forEach(
            (name, array) ->
                assertThat(Objects.requireNonNull(without.weights().arrays().get(name)).values())
                    .as(name)
                    .isEqualTo(array.values()));
  }

  @Test
  void aRunThatIsStoppedAndGoesOnMeasuresTheSame() {
    RunSpec run = run().neighbours(n -> n.every(2).k(7)).build();
    Trainer first = Trainer.of(run).data(JOINED).directory(temporary.resolve("run"));
    first.listener(
        new TrainingListener() {
          @Override
          public void step(Step step) {
            if (step.step() == EPOCHS.get(1).step()) {
              first.stop();
            }
          }
        });
    assertThatExceptionOfType(RunStoppedException.class).isThrownBy(first::train);
    Trainer.of(run).data(JOINED).directory(temporary.resolve("run")).resume(true).train();
    assertThat(RunDirectory.open(temporary.resolve("run")).epochs())
        .extracting(TrainingListener.Epoch::neighboursAccuracy)
        .isEqualTo(EPOCHS.stream().map(TrainingListener.Epoch::neighboursAccuracy).toList());
  }

  @Test
  void aRunThatWasStartedWithoutMayGoOnWithIt() {
    Path directory = temporary.resolve("run");
    Trainer first = Trainer.of(run().build()).data(JOINED).directory(directory);
    first.listener(
        Listeners.epochs(
            e -> {
              assertThat(e.neighboursAccuracy()).isNaN();
              first.stop();
            }));
    assertThatExceptionOfType(RunStoppedException.class).isThrownBy(first::train);
    Trainer.of(run().neighbours(n -> n.every(2).k(7)).build())
        .data(JOINED)
        .directory(directory)
        .resume(true)
        .train();
    assertThat(RunDirectory.open(directory).epochs().get(2).neighboursAccuracy())
        .isEqualTo(EPOCHS.get(2).neighboursAccuracy());
  }

  // ---- What is looked at ----

  /** Counts the images that are read. */
  private record Counting(Split split, AtomicInteger reads) implements Split {
    @Override
    public int size() {
      return split.size();
    }

    @Override
    public int label(int index) {
      return split.label(index);
    }

    @Override
    public void pixels(int index, byte[] target, int offset) {
      reads.incrementAndGet();
      split.pixels(index, target, offset);
    }
  }

  @Test
  void readsSomeTrainingAndValidationImagesAndNoTestImage() {
    AtomicInteger train = new AtomicInteger();
    AtomicInteger validation = new AtomicInteger();
    AtomicInteger test = new AtomicInteger();
    Dataset counted =
        Dataset.of(
            "counted",
            NOISY.labels(),
            NOISY.shape(),
            new Counting(NOISY.train(), train),
            new Counting(NOISY.validation().orElseThrow(), validation),
            new Counting(NOISY.test(), test));
    RunSpec run = run().neighbours(n -> n.images(60)).build();
    NeighbourAccuracy measure = NeighbourAccuracy.of(run, counted).orElseThrow();
    assertThat(measure)
        .hasToString(
            "neighbours: 60 validation images of counted are classified by the 20 nearest of 60"
                + " training images");
    try (TrainingGraph graph = new TrainingGraph(run)) {
      assertThat(measure.measure(graph, Workers.alone(), () -> {})).isBetween(0.1, 1.0);
    }
    assertThat(train).hasValue(60);
    assertThat(validation).hasValue(60);
    assertThat(test).hasValue(0);
  }

  @Test
  void noTestImageIsReadBeforeThePreTrainingIsDone() {
    AtomicInteger test = new AtomicInteger();
    Dataset counted =
        Dataset.of(
            "counted",
            NOISY.labels(),
            NOISY.shape(),
            NOISY.train(),
            NOISY.validation().orElseThrow(),
            new Counting(NOISY.test(), test));
    List<Integer> reads = new ArrayList<>();
    Trainer.of(run().neighbours(n -> {}).build())
        .data(Dataset.join(List.of(counted, TinyData.dataset(24, 24))))
        .directory(temporary.resolve("run"))
        .listener(Listeners.epochs(e -> reads.add(test.get())))
        .train();
    assertThat(reads).containsExactly(0, 0, 0);
    assertThat(test.get()).isGreaterThanOrEqualTo(60);
  }

  @Test
  void fewerImagesAreOfEveryClass() {
    RunSpec run = run().neighbours(n -> n.images(1).k(50)).build();
    assertThat(NeighbourAccuracy.of(run, NOISY).orElseThrow())
        .hasToString(
            "neighbours: 3 validation images of noisy are classified by the 3 nearest of 3 training"
                + " images");
  }

  @Test
  void withoutValidationImagesItSaysWhatToDo() {
    RunSpec run = run().neighbours(n -> {}).build();
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                Trainer.of(run)
                    .data(TinyData.dataset(24, 24))
                    .directory(temporary.resolve("run"))
                    .train())
        .withMessage(
            "neighbours: classify validation images, of which dataset tiny has none; set"
                + " data.validation-fraction, such as 0.1, or name another one with"
                + " neighbours.dataset");
    assertThat(temporary.resolve("run")).doesNotExist();
    assertThat(NeighbourAccuracy.of(run().build(), TinyData.dataset(24, 24)))
        .isEqualTo(Optional.empty());
  }

  @Test
  void aFractionOfTheRunsOwnImagesWillDo() {
    List<Double> measured = new ArrayList<>();
    Trainer.of(
            run().validationFraction(0.25).training(t -> t.epochs(1)).neighbours(n -> {}).build())
        .data(TinyData.dataset(96, 24))
        .directory(temporary.resolve("run"))
        .listener(Listeners.epochs(e -> measured.add(e.neighboursAccuracy())))
        .train();
    assertThat(measured).hasSize(1).first().satisfies(a -> assertThat(a).isBetween(0.5, 1.0));
  }

  /** Of 10,000 training images, a tenth is classified by the others. */
  @Test
  void anotherDatasetLendsItsLabels() {
    RunSpec run = run().neighbours(n -> n.dataset("fashion-small").images(50)).build();
    assertThat(NeighbourAccuracy.of(run, TinyData.dataset(24, 24)).orElseThrow())
        .hasToString(
            "neighbours: 50 validation images of fashion-small are classified by the 20 nearest of"
                + " 50 training images");
    RunSpec all = run().neighbours(n -> n.dataset("fashion-small").images(20_000)).build();
    assertThat(NeighbourAccuracy.of(all, TinyData.dataset(24, 24)).orElseThrow())
        .hasToString(
            "neighbours: 1,000 validation images of fashion-small are classified by the 20 nearest"
                + " of 9,000 training images");
  }
}
