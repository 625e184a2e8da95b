package dev.mlit.train;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlit.Mlit;
import dev.mlit.data.Dataset;
import dev.mlit.data.MemorySplit;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Precision;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.RunSpecBuilder;
import dev.mlit.spec.ScheduleSpec.Decay;
import dev.mlit.spec.Specs;
import dev.mlit.spec.VariableShapes;
import dev.mlit.tensorflow.Versions;
import dev.mlit.testing.TinyData;
import dev.mlit.train.step.DivergedException;
import dev.mlit.train.step.LearningRate;
import dev.mlit.weights.Weights;
import dev.mlit.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.TensorFlow;

/**
 * Whole runs of a tiny model. If it fails, a model does not learn, a run cannot be repeated or
 * continued from, or a run that fails leaves the user without a word or with half of its files.
 */
@Tag("slow")
class TrainerTest {
  /** Three batches of 16 and one of 2; two of the test images' batches would be partial, too. */
  private static final Dataset IMAGES = TinyData.dataset(50, 30);

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Six epochs of four steps. */
  private static final RunSpec RUN = TinyData.run().training(t -> t.epochs(6)).build();

  /** Wide enough for bfloat16. */
  private static final ModelSpec WIDE =
      TinyData.model().toBuilder().embedding(32).hidden(16, 16).build();

  private static final Recorder TOLD = new Recorder();
  private static Path directory;
  private static TrainingResult result;

  @TempDir private Path temporary;

  /** The run that most tests look at. */
  @BeforeAll
  static void trainOnce(@TempDir Path shared) {
    directory = shared.resolve("run");
    result = Mlit.train(RUN, t -> t.data(IMAGES).directory(directory).listener(TOLD)).training();
  }

  /** Remembers what it is told. */
  private static final class Recorder implements TrainingListener {
    private final List<String> calls = new ArrayList<>();
    private final List<Start> starts = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final List<Epoch> epochs = new ArrayList<>();

    @Override
    public void started(Start start) {
      calls.add("started");
      starts.add(start);
    }

    @Override
    public void step(Step step) {
      calls.add("step " + step.step());
      steps.add(step);
    }

    @Override
    public void epoch(Epoch epoch) {
      calls.add("epoch " + epoch.epoch());
      epochs.add(epoch);
    }

    @Override
    public void close() {
      calls.add("close");
    }
  }

  @Test
  void learnsImagesThatCanBeToldApart() {
    RunSpec run =
        TinyData.run().training(t -> t.epochs(15)).augmentation(a -> a.flip(true)).build();
    Recorder recorder = new Recorder();

    TrainingResult result = train(run, recorder);

    assertThat(result.testAccuracy()).isGreaterThan(0.95);
    TrainingListener.Epoch last = recorder.epochs.get(14);
    assertThat(last.trainAccuracy()).isGreaterThan(0.95);
    assertThat(last.trainLoss()).isLessThan(recorder.epochs.get(0).trainLoss() / 4);
    assertThat(last.testLoss()).isLessThan(recorder.epochs.get(0).testLoss() / 4);
  }

  @Test
  void resultSaysWhatCameOut() {
    assertThat(result.run()).isEqualTo(RUN);
    assertThat(result.directory()).isEqualTo(directory);
    assertThat(result.checkpoint()).isEqualTo(directory.resolve("checkpoints/epoch-6/variables"));
    assertThat(result.labels()).containsExactly("up", "down", "dark");
    assertThat(result.dataset()).isEqualTo("tiny");
    assertThat(result.testAccuracy()).isEqualTo(TOLD.epochs.get(5).testAccuracy());
    assertThat(result.testImages()).isEqualTo(30);
    assertThat(result.steps()).isEqualTo(24);
    assertThat(result.seconds()).isPositive();
    assertThat(RunDirectory.open(directory).result()).isEqualTo(result);
  }

  @Test
  void equalSeedsGiveEqualCheckpointsByteForByte() throws IOException {
    RunSpec run = TinyData.run().training(t -> t.epochs(2)).augmentation(a -> a.flip(true)).build();

    TrainingResult first = train("first", run);
    TrainingResult second = train("second", run);

    assertSameFiles(second.checkpoint(), first.checkpoint());
  }

  @Test
  void anotherSeedGivesAnotherModel() {
    Map<String, float[]> first = weights(train("first", TinyData.run().build()));
    Map<String, float[]> second =
        weights(train("second", TinyData.run().training(t -> t.seed(2)).build()));

    assertThat(first.keySet()).isEqualTo(second.keySet());
    assertThat(first)
        .allSatisfy((name, values) -> assertThat(second.get(name)).isNotEqualTo(values));
  }

  @Test
  void augmentationReachesTheImages() {
    TrainingResult plain = train("plain", TinyData.run().build());
    TrainingResult flipped =
        train("flipped", TinyData.run().augmentation(a -> a.flip(true)).build());

    assertThat(weights(flipped).get("head/kernel")).isNotEqualTo(weights(plain).get("head/kernel"));
  }

  @Test
  void dropoutAndDropPathReachTheBlocksWhileTrainingAlone() {
    RunSpec run =
        TinyData.run()
            .training(t -> t.steps(1).dropout(0.5).dropPath(0.5))
            .optimizer(o -> o.learningRate(1e-30).weightDecay(0))
            .initialize(directory.toString())
            .build();
    Recorder recorder = new Recorder();
    RunSpec plain = run.toBuilder().training(t -> t.dropout(0).dropPath(0)).build();
    Recorder plainRecorder = new Recorder();

    TrainingResult dropped = train("dropped", run, recorder);
    train("plain", plain, plainRecorder);

    assertThat(recorder.steps.get(0).loss()).isGreaterThan(plainRecorder.steps.get(0).loss());
    assertThat(dropped.testAccuracy()).isEqualTo(result.testAccuracy());
  }

  /** Weights stay what they are, so that the test can only differ by what it leaves out. */
  @Test
  void patchesAreLeftOutWhileTrainingAndAllAreThereInTheTest() {
    RunSpec plain = TinyData.run().optimizer(o -> o.learningRate(1e-30)).build();
    RunSpec run = plain.toBuilder().training(t -> t.patchDropout(0.6)).build();
    Recorder recorder = new Recorder();
    Recorder plainRecorder = new Recorder();

    train("dropped", run, recorder);
    train("plain", plain, plainRecorder);

    assertThat(recorder.steps.get(0).loss()).isNotEqualTo(plainRecorder.steps.get(0).loss());
    assertThat(recorder.epochs.get(0).testLoss()).isEqualTo(plainRecorder.epochs.get(0).testLoss());
  }

  /** A quarter of an image tells its class often enough, in every way that a run may train. */
  @Test
  void learnsFromTheRestOfThePatchesInBfloat16AndPartsOfABatchToo() {
    Recorder recorder = new Recorder();

    train(
        TinyData.run()
            .model(WIDE.toBuilder().patch(2).pooling(ModelSpec.Pooling.MEAN).build())
            .training(
                t ->
                    t.epochs(10)
                        .patchDropout(0.75)
                        .precision(Precision.BFLOAT16)
                        .microBatch(8)
                        .threads(2))
            .optimizer(o -> o.learningRate(0.003))
            .freeze("class_token")
            .ema(0.5)
            .build(),
        recorder);

    assertThat(recorder.epochs.get(9).testAccuracy()).isGreaterThan(0.95);
  }

  @Test
  void bfloat16LearnsToo() {
    Recorder recorder = new Recorder();

    train(
        TinyData.run()
            .model(WIDE)
            .training(t -> t.epochs(8).precision(Precision.BFLOAT16))
            .optimizer(o -> o.learningRate(0.003))
            .build(),
        recorder);

    assertThat(recorder.epochs.get(7).trainAccuracy()).isGreaterThan(0.95);
    assertThat(recorder.epochs.get(7).testAccuracy()).isGreaterThan(0.95);
  }

  /** What is exported computes in float32, so its accuracy must be that of float32. */
  @Test
  void bfloat16IsTrainedInAndFloat32IsTestedIn() {
    // Weights stay what they are, so that both runs test the same.
    RunSpec run = TinyData.run().model(WIDE).optimizer(o -> o.learningRate(1e-30)).build();
    Recorder single = new Recorder();
    Recorder brief = new Recorder();

    train("single", run, single);
    train("brief", run.toBuilder().training(t -> t.precision(Precision.BFLOAT16)).build(), brief);

    assertThat(brief.steps.get(0).loss())
        .isNotEqualTo(single.steps.get(0).loss())
        .isCloseTo(single.steps.get(0).loss(), within(0.05));
    // The graphs are not optimised alike, so that a sum may be rounded in another order.
    assertThat(brief.epochs.get(0).testLoss())
        .isCloseTo(single.epochs.get(0).testLoss(), within(1e-6));
  }

  @Test
  void stepsEndTheRunWithinAnEpoch() {
    Recorder recorder = new Recorder();

    TrainingResult result =
        train(TinyData.run().training(t -> t.epochs(9).steps(6)).build(), recorder);

    assertThat(result.steps()).isEqualTo(6);
    assertThat(recorder.calls)
        .containsExactly(
            "started", "step 1", "step 2", "step 3", "step 4", "epoch 1", "step 5", "step 6",
            "epoch 2", "close");
    assertThat(recorder.starts.get(0).steps()).isEqualTo(6);
    assertThat(result.checkpoint())
        .isEqualTo(temporary.resolve("run/checkpoints/epoch-2/variables"));
  }

  @Test
  void stepsBeyondTheEpochsAreNoLimit() {
    assertThat(train(TinyData.run().training(t -> t.steps(100)).build()).steps()).isEqualTo(4);
  }

  @Test
  void lastBatchOfAnEpochIsWhatIsLeft() {
    assertThat(TOLD.steps.subList(0, 8))
        .extracting(TrainingListener.Step::images)
        .containsExactly(16, 16, 16, 2, 16, 16, 16, 2);
  }

  @Test
  void lossOfAnEpochIsTheMeanOverItsImages() {
    double sum = TOLD.steps.subList(0, 4).stream().mapToDouble(s -> s.loss() * s.images()).sum();

    assertThat(TOLD.epochs.get(0).trainLoss()).isEqualTo(sum / 50, within(1e-9));
  }

  @Test
  void learningRateFollowsTheSchedule() {
    RunSpec run =
        TinyData.run()
            .training(t -> t.epochs(2))
            .schedule(s -> s.warmupEpochs(1).finalFactor(0.5))
            .build();
    Recorder recorder = new Recorder();

    train(run, recorder);

    LearningRate rate = new LearningRate(0.01, 4, 8, Decay.COSINE, 0.5);
    assertThat(recorder.steps)
        .extracting(TrainingListener.Step::learningRate)
        .containsExactly(
            Stream.iterate(0L, i -> i < 8, i -> i + 1).map(rate::at).toArray(Double[]::new));
  }

  @Test
  void directoryThatIsInUseIsRefusedAndStaysAsItIs() throws IOException {
    Path notes = Files.writeString(temporary.resolve("notes.txt"), "mine");
    Recorder recorder = new Recorder();

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                Trainer.of(TinyData.run().build())
                    .data(IMAGES)
                    .directory(temporary)
                    .listener(recorder)
                    .train())
        .withMessage(
            "%s: exists already, a run needs a new or empty directory (Trainer.directory)",
            temporary);

    assertThat(notes).hasContent("mine");
    assertThat(temporary).isDirectoryNotContaining("glob:**.yaml");
    assertThat(recorder.calls).containsExactly("close");
  }

  @Test
  void datasetOfAnotherNumberOfClassesIsRefusedAndNothingIsWritten() {
    Recorder recorder = new Recorder();

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                Trainer.of(TinyData.run().build())
                    .data(TinyData.dataset(List.of("a", "b"), 8, 8))
                    .directory(temporary.resolve("run"))
                    .listener(recorder)
                    .train())
        .withMessage(
            "model.classes: 3 must be the number of classes of dataset tiny, 2"
                + " (set model.classes to 2)");

    assertThat(temporary).isEmptyDirectory();
    assertThat(recorder.calls).containsExactly("close");
  }

  @Test
  void datasetWithoutTestImagesIsRefusedAndNothingIsWritten() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                Trainer.of(TinyData.run().build())
                    .data(TinyData.dataset(8, 0))
                    .directory(temporary.resolve("run"))
                    .train())
        .withMessage("data: dataset tiny must have images to train and to test on");

    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void imagesOfAnotherSizeAreResizedToTheModels() {
    RunSpec run =
        TinyData.run().model(TinyData.model().toBuilder().image(12, 4, 3).build()).build();

    assertThat(train(run).steps()).isEqualTo(4);
  }

  /** The average of the weights. */
  @Nested
  class Averaged {
    private final RunSpec run =
        TinyData.run().training(t -> t.epochs(2)).ema(0.9).augmentation(a -> a.flip(true)).build();

    @Test
    void isWhatIsTestedAndExported() {
      Mlit.TrainedModel trained =
          Mlit.train(run, t -> t.data(IMAGES).directory(temporary.resolve("run")));

      try (Classifier classifier = Mlit.load(trained.savedModel())) {
        assertThat(classifier.evaluate(IMAGES).accuracy())
            .isEqualTo(trained.training().testAccuracy());
      }
      assertSameWeights(weightsTested(trained.training()), "ema/", trained.training());
      assertThat(weights(trained.training()).get("head/kernel"))
          .isNotEqualTo(weightsTested(trained.training()).get("head/kernel"));
    }

    @Test
    void doesNotChangeWhatIsTrained() {
      TrainingResult with = train("with", run);
      RunSpecBuilder plain = TinyData.run().training(t -> t.epochs(2));
      TrainingResult without = train("without", plain.augmentation(a -> a.flip(true)).build());

      Map<String, float[]> trained = weights(without);
      assertThat(weights(with))
          .allSatisfy((name, values) -> assertThat(trained.get(name)).isEqualTo(values));
    }

    @Test
    void isWhatAnotherRunStartsFrom() {
      TrainingResult first = train("first", run);
      RunSpec next =
          TinyData.run()
              .training(t -> t.steps(1))
              .optimizer(o -> o.learningRate(1e-30).weightDecay(0))
              .initialize(first.directory().toString())
              .build();

      TrainingResult second = train("second", next);

      assertThat(second.testAccuracy()).isEqualTo(first.testAccuracy());
      Map<String, float[]> tested = weightsTested(first);
      assertThat(weights(second))
          .allSatisfy((name, values) -> assertThat(tested.get(name)).isEqualTo(values));
    }

    private void assertSameWeights(
        Map<String, float[]> expected, String scope, TrainingResult result) {
      Weights.read(result.run().model(), result.checkpoint(), scope)
          .arrays()
          .forEach((name, array) -> assertThat(array.values()).isEqualTo(expected.get(name)));
    }

    private Map<String, float[]> weightsTested(TrainingResult result) {
      return result.weights().arrays().entrySet().stream()
          .collect(toMap(Map.Entry::getKey, entry -> entry.getValue().values()));
    }
  }

  /** Gradients that are added up over parts of a batch. */
  @Nested
  class Accumulated {
    @Test
    void oneWholePartIsTheBatchBitForBit() {
      TrainingResult whole = train("whole", TinyData.run().build());
      TrainingResult part =
          train("part", TinyData.run().training(t -> t.batch(16).microBatch(16)).build());

      Map<String, float[]> expected = weights(whole);
      assertThat(weights(part))
          .allSatisfy((name, values) -> assertThat(expected.get(name)).isEqualTo(values));
      assertThat(part.testAccuracy()).isEqualTo(whole.testAccuracy());
    }

    @Test
    void stepsAreThoseOfWholeBatches() {
      Recorder recorder = new Recorder();

      TrainingResult result =
          train(TinyData.run().training(t -> t.batch(16).microBatch(5)).build(), recorder);

      assertThat(result.steps()).isEqualTo(4);
      assertThat(recorder.steps)
          .extracting(TrainingListener.Step::images)
          .containsExactly(16, 16, 16, 2);
    }

    @Test
    void learnsAsWholeBatchesDo() {
      Recorder recorder = new Recorder();
      RunSpec run = TinyData.run().training(t -> t.epochs(15).microBatch(6)).build();

      assertThat(train(run, recorder).testAccuracy()).isGreaterThan(0.95);
      assertThat(recorder.epochs.get(14).trainAccuracy()).isBetween(0.95, 1.0);
    }
  }

  @Test
  void mixedAndSmoothedTargetsReachTheLossAndImagesCanStillBeToldApart() {
    RunSpec run =
        TinyData.run()
            .training(t -> t.epochs(15).labelSmoothing(0.1))
            .augmentation(a -> a.mixup(0.4).cutmix(1).mixProbability(0.5))
            .build();
    Recorder recorder = new Recorder();

    TrainingResult result = train(run, recorder);

    assertThat(result.testAccuracy()).isGreaterThan(0.95);
    // No model can come below the entropy of the smoothed labels, 0.29 with three classes.
    assertThat(recorder.epochs.get(14).trainLoss()).isGreaterThan(0.29);
    assertThat(recorder.epochs.get(14).trainAccuracy()).isBetween(0.6, 1.0);
  }

  @Test
  void layerDecayTrainsWhatIsNearTheImagesLess() {
    RunSpec run =
        TinyData.run()
            .training(t -> t.steps(1))
            .optimizer(o -> o.layerDecay(0.1).weightDecay(0))
            .initialize(directory.toString())
            .build();

    Map<String, float[]> after = weights(train(run));

    // Adam's first step moves a weight by the learning rate, whatever the gradient.
    Map<String, float[]> before = weights(result);
    assertThat(mostMoved(before, after, "head/bias")).isEqualTo(1e-2, within(1e-4));
    assertThat(mostMoved(before, after, "encoder/block_1/moe/output/bias"))
        .isEqualTo(1e-3, within(1e-5));
    assertThat(mostMoved(before, after, "encoder/block_0/moe/output/bias"))
        .isEqualTo(1e-4, within(1e-6));
    assertThat(mostMoved(before, after, "patch_embedding/bias")).isEqualTo(1e-5, within(2e-7));
  }

  private static double mostMoved(
      Map<String, float[]> before, Map<String, float[]> after, String name) {
    float[] first = Objects.requireNonNull(before.get(name));
    float[] second = Objects.requireNonNull(after.get(name));
    double most = 0;
    for (int i = 0; i < first.length; i++) {
      most = Math.max(most, Math.abs(second[i] - first[i]));
    }
    return most;
  }

  /** What {@code freeze} keeps. */
  @Nested
  class Frozen {
    @Test
    void variablesStayBitForBitAndAllOthersChange() {
      RunSpec probe =
          TinyData.run()
              .initialize(directory.toString())
              .freeze("patch_embedding", "encoder/block_0", "class_token")
              .build();

      Map<String, float[]> after = weights(train(probe));

      weights(result)
          .forEach(
              (name, values) -> {
                if (name.matches("(patch_embedding|encoder/block_0)/.*|class_token")) {
                  assertThat(after.get(name)).as(name).isEqualTo(values);
                } else {
                  assertThat(after.get(name)).as(name).isNotEqualTo(values);
                }
              });
    }

    @Test
    void variableThatIsNotThereIsRefusedAndNothingIsWritten() {
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> train(TinyData.run().freeze("decoder").build()))
          .withMessage(
              "freeze: \"decoder\" names no variable; did you mean encoder? groups are"
                  + " [class_token, encoder, head, patch_embedding, position_embedding]");

      assertThat(temporary).isEmptyDirectory();
    }
  }

  /** What {@code initialize} takes over. */
  @Nested
  class Initialized {
    @Test
    void fromARunItIsThatModelBeforeTheFirstStep() {
      TrainingResult after = train(unchanging(directory).build());

      assertThat(after.testAccuracy()).isEqualTo(result.testAccuracy()).isGreaterThan(0.5);
      assertSameWeights(after, ".*");
    }

    @Test
    void fromASavedModelItIsThatModelBeforeTheFirstStep() {
      TrainingResult after = train(unchanging(directory.resolve("savedmodel")).build());

      assertThat(after.testAccuracy()).isEqualTo(result.testAccuracy()).isGreaterThan(0.5);
      assertSameWeights(after, ".*");
    }

    @Test
    void anotherNumberOfClassesKeepsAllButTheHead() {
      RunSpec transfer =
          unchanging(directory).model(TinyData.model().toBuilder().classes(4).build()).build();

      TrainingResult after =
          Trainer.of(transfer)
              .data(TinyData.dataset(List.of("up", "down", "dark", "bright"), 16, 8))
              .directory(temporary.resolve("run"))
              .train();

      assertSameWeights(after, "(?!head/).*");
      assertThat(weights(after).get("head/kernel")).hasSize(12 * 4);
    }

    @Test
    void modelThatDoesNotFitIsRefusedByVariableAndShapesAndNothingIsWritten() {
      RunSpec wider =
          unchanging(directory).model(TinyData.model().toBuilder().patch(2).build()).build();

      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> train(wider))
          .withMessage(
              "initialize.from: %s does not fit the model:"
                  + " patch_embedding/kernel[4, 12] is [16, 12] there and must be the same (patch,"
                  + " image.channels and embedding decide it)",
              directory);

      assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void modelOfMoreBlocksIsRefusedWithoutNamingEveryVariable() {
      RunSpec deeper =
          unchanging(directory)
              .model(TinyData.model().toBuilder().stage(1, 3).hidden(8, 4).build())
              .build();

      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> train(deeper))
          .withMessage(
              "initialize.from: %s does not fit the model:"
                  + " encoder/block_2/attention_norm/scale[12] is not there (embedding and stages"
                  + " decide it); encoder/block_2/attention_norm/bias[12] is not there (embedding"
                  + " and stages decide it); encoder/block_2/attention/query/kernel[12, 12] is not"
                  + " there (embedding, stages and attention decide it); and 19 more",
              directory);
    }

    @Test
    void directoryWithoutAModelIsRefused() {
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> train(unchanging(temporary).build()))
          .withMessage(
              "initialize.from: %s must be a SavedModel of mlit (spec.yaml), a run directory"
                  + " (run.yaml), a safetensors file, or one of those that come along: %s",
              temporary, Zoo.names());

      assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void runWithoutACheckpointIsRefused() {
      Path started = temporary.resolve("started");
      RunDirectory.make(started);
      RunDirectory.create(started, TinyData.run().build(), List.of("up", "down", "dark"));

      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> train(unchanging(started).build()))
          .withMessage("initialize.from: %s has no checkpoint yet", started);
    }

    @Test
    void weightsThatAreMissingAreRefused() throws IOException {
      Path directory = Files.createDirectory(temporary.resolve("model"));
      Files.writeString(directory.resolve("spec.yaml"), Specs.yaml(TinyData.model()));

      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> train(unchanging(directory).build()))
          .withMessageStartingWith(
              "initialize.from: " + directory + ": its weights cannot be read");

      assertThat(temporary.resolve("run")).doesNotExist();
    }

    /** One step at a rate so low that no float32 changes. */
    private RunSpecBuilder unchanging(Path from) {
      return TinyData.run()
          .training(t -> t.steps(1))
          .optimizer(o -> o.learningRate(1e-30).weightDecay(0))
          .initialize(from.toString())
          .build()
          .toBuilder();
    }

    private void assertSameWeights(TrainingResult actual, String names) {
      Map<String, float[]> values = weights(actual);
      assertThat(weights(result))
          .allSatisfy(
              (name, value) -> {
                if (name.matches(names)) {
                  assertThat(values.get(name)).isEqualTo(value);
                }
              });
    }
  }

  /** What lies in the run directory. */
  @Nested
  class Content {
    @Test
    void metricsHaveALineForTheStartEveryTenthStepAndEveryEpoch() throws IOException {
      List<JsonNode> lines = new ArrayList<>();
      for (String line : Files.readAllLines(directory.resolve("metrics.jsonl"))) {
        lines.add(JSON.readTree(line));
      }

      assertThat(lines)
          .extracting(line -> line.path("kind").asText() + " " + line.path("step").asText())
          .containsExactly(
              "start ",
              "epoch 4",
              "epoch 8",
              "step 10",
              "epoch 12",
              "epoch 16",
              "step 20",
              "epoch 20",
              "epoch 24");
    }

    @Test
    void metricsHaveTheNumbersOfTheListeners() throws IOException {
      List<String> lines = Files.readAllLines(directory.resolve("metrics.jsonl"));

      assertThat(JSON.readTree(lines.get(0)))
          .isEqualTo(
              JSON.readTree(
                  String.format(
                      Locale.ROOT,
                      """
                  {"kind": "start", "dataset": "tiny", "parameters": %d,
                   "train_images": 50, "test_images": 30, "validation_images": 0, "steps": 24, "seed": 1,
                   "versions": {"mlit": "%s", "tensorflow": "%s", "java": "%s", "system": "%s",
                                "processors": %d}}
                  """,
                      TOLD.starts.get(0).parameters(),
                      Versions.current().mlit(),
                      TensorFlow.version(),
                      System.getProperty("java.runtime.version"),
                      System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                      Runtime.getRuntime().availableProcessors())));
      assertThat(Versions.current().mlit()).matches("\\d+\\.\\d+\\.\\d+.*");
      TrainingListener.Step step = TOLD.steps.get(9);
      assertThat(JSON.readTree(lines.get(3)))
          .isEqualTo(
              JSON.readTree(
                  String.format(
                      Locale.ROOT,
                      """
                  {"kind": "step", "step": 10, "epoch": 3, "images": 16, "learning_rate": %s,
                   "loss": %s, "balance_loss": %s, "gradient_norm": %s}
                  """,
                      step.learningRate(),
                      step.loss(),
                      step.balanceLoss(),
                      step.gradientNorm())));
      TrainingListener.Epoch epoch = TOLD.epochs.get(0);
      JsonNode line = JSON.readTree(lines.get(1));
      assertThat(line.fieldNames())
          .toIterable()
          .containsExactly(
              "kind",
              "epoch",
              "step",
              "train_loss",
              "train_accuracy",
              "test_loss",
              "test_accuracy",
              "images_per_second",
              "seconds",
              "train_routing",
              "test_routing");
      assertThat(line.path("train_loss").asDouble()).isEqualTo(epoch.trainLoss());
      assertThat(line.path("train_accuracy").asDouble()).isEqualTo(epoch.trainAccuracy());
      assertThat(line.path("test_loss").asDouble()).isEqualTo(epoch.testLoss());
      assertThat(line.path("test_accuracy").asDouble()).isEqualTo(epoch.testAccuracy());
      assertThat(line.path("train_routing")).hasSize(2);
      assertThat(line.path("test_routing")).hasSize(2);
    }

    @Test
    void runRepeatsItselfByteForByteFromItsOwnDescription() throws IOException {
      RunSpec run =
          TinyData.run()
              .training(
                  t ->
                      t.epochs(3)
                          .seed(7)
                          .steps(9)
                          .microBatch(7)
                          .labelSmoothing(0.1)
                          .dropout(0.1)
                          .dropPath(0.2))
              .optimizer(
                  o -> o.learningRate(0.0123).betas(0.85, 0.97).clipNorm(0.5).layerDecay(0.8))
              .schedule(s -> s.warmupEpochs(0.5).decay(Decay.LINEAR).finalFactor(0.1))
              .augmentation(
                  a ->
                      a.flip(true)
                          .randomResizedCrop(0.5, 1)
                          .randomCrop(1)
                          .rotation(20)
                          .translation(0.1)
                          .colorJitter(0.3, 0.3, 0, 0)
                          .randomErasing(0.5)
                          .mixup(0.3)
                          .cutmix(1)
                          .verticalFlip(true)
                          .quarterTurns(true)
                          .trivialAugmentWide())
              .ema(0.8)
              .freeze("class_token", "**/attention/*/bias")
              .build();
      TrainingResult first = train("first", run);

      RunSpec read = Specs.run(first.directory().resolve("run.yaml"));
      TrainingResult second = train("second", read);

      assertThat(read).isEqualTo(run);
      assertSameFiles(second.checkpoint(), first.checkpoint());
    }
  }

  /** When and in which order listeners are called. */
  @Nested
  class Listeners {
    @Test
    void areToldAllOfARunInOrder() {
      assertThat(TOLD.calls.subList(0, 11))
          .containsExactly(
              "started", "step 1", "step 2", "step 3", "step 4", "epoch 1", "step 5", "step 6",
              "step 7", "step 8", "epoch 2");
      assertThat(TOLD.calls).hasSize(1 + 24 + 6 + 1).endsWith("step 24", "epoch 6", "close");
      assertThat(TOLD.steps.subList(3, 5))
          .extracting(TrainingListener.Step::epoch)
          .containsExactly(1, 2);
      assertThat(TOLD.epochs)
          .extracting(TrainingListener.Epoch::step)
          .containsExactly(4L, 8L, 12L, 16L, 20L, 24L);
    }

    @Test
    void areToldWhatTheRunIs() {
      long parameters =
          VariableShapes.of(RUN.model()).values().stream()
              .mapToLong(shape -> shape.stream().reduce(1L, (a, b) -> a * b))
              .sum();
      assertThat(TOLD.starts)
          .containsExactly(
              new TrainingListener.Start(
                  RUN,
                  directory,
                  "tiny",
                  List.of("up", "down", "dark"),
                  parameters,
                  50,
                  30,
                  4,
                  24,
                  false,
                  0,
                  List.of(),
                  0));
    }

    @Test
    void findTheCheckpointOfAnEpochThatIsDone() {
      List<Boolean> found = new ArrayList<>();

      train(
          TinyData.run().training(t -> t.epochs(2)).build(),
          dev.mlit.train.Listeners.epochs(
              epoch ->
                  found.add(
                      Files.exists(
                          temporary.resolve(
                              "run/checkpoints/epoch-" + epoch.epoch() + "/variables.index")))));

      assertThat(found).containsExactly(true, true);
    }

    @Test
    void areAllClosedWhenOneOfThemFails() {
      Recorder before = new Recorder();
      Recorder after = new Recorder();
      TrainingListener failing =
          new TrainingListener() {
            @Override
            public void step(Step step) {
              if (step.step() == 2) {
                throw new IllegalStateException("no more");
              }
            }
          };

      assertThatIllegalStateException()
          .isThrownBy(() -> train(TinyData.run().build(), before, failing, after))
          .withMessage("no more");

      assertThat(before.calls).containsExactly("started", "step 1", "step 2", "close");
      assertThat(after.calls).containsExactly("started", "step 1", "close");
    }

    @Test
    void areAllClosedWhenOneCannotBeClosed() {
      Recorder before = new Recorder();
      Recorder after = new Recorder();
      TrainingListener failing =
          new TrainingListener() {
            @Override
            public void close() {
              throw new IllegalStateException("does not close");
            }
          };

      assertThatIllegalStateException()
          .isThrownBy(() -> train(TinyData.run().build(), before, failing, after))
          .withMessage("does not close");

      assertThat(before.calls).endsWith("epoch 1", "close");
      assertThat(after.calls).endsWith("epoch 1", "close");
    }
  }

  /** Runs that leave the numbers. */
  @Nested
  class Diverging {
    @Test
    void namesTheStepAndKeepsTheCheckpointBefore() {
      // Decay multiplies every kernel by 1 - 1000 * 1000 in a step; an epoch is one step.
      RunSpec run = diverging().training(t -> t.epochs(50).batch(50)).build();
      Recorder recorder = new Recorder();

      DivergedException failure =
          catchThrowableOfType(DivergedException.class, () -> train(run, recorder));

      int done = recorder.steps.size();
      assertThat(done).isBetween(1, 48);
      assertThat(failure)
          .hasMessageMatching(
              "training diverged at step "
                  + (done + 1)
                  + ": loss \\S+, gradient norm NaN, learning rate 1000\\.0;"
                  + " the first that was not finite: the gradient of encoder/block_1/moe/noise/bias;"
                  + " lower optimizer\\.learning-rate or lengthen schedule\\.warmup-epochs");
      assertThat(recorder.calls).endsWith("step " + done, "epoch " + done, "close");
      assertThat(RunDirectory.open(temporary.resolve("run")).lastCheckpoint())
          .isEqualTo(temporary.resolve("run/checkpoints/epoch-" + done + "/variables"));
    }

    @Test
    void partOfABatchThatIsNotFiniteEndsTheRunToo() {
      RunSpec run = diverging().training(t -> t.epochs(50).batch(50).microBatch(20)).build();
      Recorder recorder = new Recorder();

      assertThatExceptionOfType(DivergedException.class)
          .isThrownBy(() -> train(run, recorder))
          .withMessageStartingWith("training diverged at step ")
          .satisfies(e -> assertThat(e.step()).isEqualTo(recorder.steps.size() + 1));

      assertThat(recorder.calls).endsWith("epoch " + recorder.steps.size(), "close");
    }

    @Test
    void modelThatMakesNoNumbersOfTestImagesIsNotTakenForDone() {
      // What is trained on is all zero. The numbers of anything else are too large, once decay has
      // multiplied the kernels by 1 - 0.1 * 1000.
      int[] labels = {0, 1, 2};
      Dataset images =
          Dataset.of(
              "zeros",
              List.of("a", "b", "c"),
              new ImageShape(8, 8, 1),
              new MemorySplit(new byte[3 * 64], labels, 64),
              TinyData.dataset(3, 3).test());
      RunSpec run =
          TinyData.run()
              .model(TinyData.model().toBuilder().normalization(0, 2e-38).build())
              .optimizer(o -> o.learningRate(0.1).weightDecay(1000))
              .build();

      assertThatExceptionOfType(DivergedException.class)
          .isThrownBy(
              () -> Trainer.of(run).data(images).directory(temporary.resolve("run")).train())
          .withMessageMatching(
              "training diverged at step 1: loss of the test images NaN, learning rate 0\\.1;"
                  + " the first that was not finite: what operation"
                  + " patch_embedding/MatMul_\\d+ makes of patch_embedding/kernel;"
                  + " lower optimizer\\.learning-rate or lengthen schedule\\.warmup-epochs");

      assertThat(RunDirectory.open(temporary.resolve("run")).lastCheckpoint()).isNull();
    }

    private RunSpecBuilder diverging() {
      return TinyData.run()
          .optimizer(o -> o.learningRate(1000).weightDecay(1000).clipNorm(0))
          .schedule(s -> s.finalFactor(1))
          .build()
          .toBuilder();
    }
  }

  private TrainingResult train(RunSpec run, TrainingListener... listeners) {
    return train("run", run, listeners);
  }

  private TrainingResult train(String directory, RunSpec run, TrainingListener... listeners) {
    Trainer trainer = Trainer.of(run).data(IMAGES).directory(temporary.resolve(directory));
    for (TrainingListener listener : listeners) {
      trainer.listener(listener);
    }
    return trainer.train();
  }

  private static Map<String, float[]> weights(TrainingResult result) {
    return weights(result, result.checkpoint());
  }

  private static Map<String, float[]> weights(TrainingResult result, Path checkpoint) {
    return Weights.read(result.run().model(), checkpoint).arrays().entrySet().stream()
        .collect(toMap(Map.Entry::getKey, entry -> entry.getValue().values()));
  }

  private static void assertSameFiles(Path actual, Path expected) {
    for (String file : List.of("variables.index", "variables.data-00000-of-00001")) {
      assertThat(actual.resolveSibling(file)).hasSameBinaryContentAs(expected.resolveSibling(file));
    }
  }
}
