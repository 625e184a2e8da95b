package dev.mlit.cli;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlit.data.Datasets;
import dev.mlit.train.RunDirectory;
import dev.mlit.weights.TensorFile;
import dev.mlit.weights.Weights;
import dev.mlit.zoo.Zoo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The command line, in this process. If it fails, whoever mistypes something gets a stack trace, a
 * wrong exit status or half-written files, or a script finds no result where it was promised.
 */
@Tag("slow")
class MainTest {
  /** Names the run directory that would appear in the working directory if one were made. */
  private static final String NAME = "main-test-run";

  private static final String RUN =
      """
      name: main-test-run
      model:
        name: tiny
        image: {height: 28, width: 28, channels: 1}
        patch: 7
        embedding: 12
        attention: {heads: 2, groups: 1}
        stages: [{layers: 1, experts: 2}]
        hidden: {first: 8, last: 8}
        classes: 10
      data: {dataset: fashion-small}
      training: {epochs: 1, batch: 16, steps: 2}
      """;

  private static final String MODEL =
      """
      name: mine
      image: {height: 28, width: 28, channels: 1}
      patch: 7
      embedding: 16
      attention: {heads: 8, groups: 4}
      stages: [{layers: 1, experts: 2}]
      hidden: {first: 8, last: 8}
      classes: 10
      """;

  private static final Path IMAGES = Path.of("examples", "images");

  /** What {@code train} wrote once for all tests, and what it printed. */
  private static Path trained;

  private static Outcome training;

  @TempDir private Path temporary;

  @BeforeAll
  static void trainOnce(@TempDir Path shared) throws IOException {
    Path run = Files.writeString(shared.resolve("run.yaml"), RUN);
    trained = shared.resolve("run");
    training = Outcome.withLog("train", "--json", "--out", trained.toString(), run.toString());
    assertThat(training.exit()).as(training.err()).isZero();
  }

  /** What the user got wrong. */
  @Nested
  class Refuses {
    @Test
    void unknownCommand() {
      refused("trian: unknown command; did you mean train? (try: ./mlit --help)", "trian");
    }

    @Test
    void unknownOption() {
      refused("--nope: unknown option (try: ./mlit train --help)", "train", "--nope");
    }

    @Test
    void missingArgument() {
      refused("Missing required parameter: 'MODEL.yaml' (try: ./mlit summary --help)", "summary");
    }

    @Test
    void missingOption() {
      refused(
          "Missing required option: '--data=PHOTOS' (try: ./mlit evaluate --help)",
          "evaluate",
          savedModel());
    }

    @Test
    void missingValueOfAnOption() {
      refused(
          "Missing required parameter for option '--out' (DIR) (try: ./mlit train --help)",
          "train",
          "--out");
    }

    @Test
    void oneArgumentTooMany() {
      refused(
          "Unmatched argument at index 2: 'more.yaml' (try: ./mlit train --help)",
          "train",
          run(RUN),
          "more.yaml");
    }

    @Test
    void settingWithoutEqualsSign() {
      refused(
          "--set training.epochs: must be key=value, such as training.epochs=3",
          "train",
          run(RUN),
          "--set",
          "training.epochs");
    }

    @Test
    void settingOfAnUnknownField() {
      refused(
          "--set training.epoch: training.epoch: unknown field; did you mean epochs?"
              + " Known here: batch, drop-path, dropout, epochs, label-smoothing, micro-batch,"
              + " patch-dropout, precision, recompute, sampling, seed, steps, test-every,"
              + " threads, worker-timeout",
          "train",
          run(RUN),
          "--set",
          "training.epoch=3");
    }

    @Test
    void runFileThatIsNotThere() {
      String file = temporary.resolve("nothere.yaml").toString();

      refused(file + ": no such file", "train", file);
    }

    @Test
    void modelFileThatIsNotThere() {
      String file = temporary.resolve("nothere.yaml").toString();

      refused(file + ": no such file", "summary", file);
    }

    @Test
    void unknownKey() {
      String file = run(RUN.replace("training:", "traning:"));

      refused(
          file
              + ":12: traning: unknown field; did you mean training? Known here: augmentation,"
              + " checkpoints, data, early-stopping, ema, export, freeze, initialize, model, name,"
              + " neighbours, optimizer, probe, schedule, task, training",
          "train",
          file);
    }

    @Test
    void resumeOfWhatIsNoRun() {
      String message = temporary + ": not a run directory, it has no run.yaml";

      refused(message, "train", "--resume", temporary.toString());
      refused(message, "train", "--resume", "--out", temporary.toString());
    }

    @Test
    void resumeOfOneRunIntoAnother() {
      refused(
          "--out: "
              + temporary
              + " must be the run directory to resume, "
              + trained
              + "; leave it out",
          "train",
          "--resume",
          trained.toString(),
          "--out",
          temporary.toString());
    }

    @Test
    void resumeWithAnotherModel() {
      refused(
          """
          %1$s: this run was started with other settings and cannot be resumed with these:
            model.embedding: 12 before, 16 now
          resume it as it was (./mlit train --resume %1$s), or start another run in a new \
          directory, from its weights if you like (--set initialize.from=%1$s)\
          """
              .formatted(trained),
          "train",
          "--resume",
          trained.toString(),
          "--set",
          "model.embedding=16");
    }

    @Test
    void everyProblemOfAFileAtOnce() {
      String file = model(MODEL.replace("groups: 4", "groups: 3").replace("patch: 7", "patch: 5"));

      refused(
          """
          %1$s:2: image.height: 28 must be divisible by patch 5
          %1$s:2: image.width: 28 must be divisible by patch 5
          %1$s:5: attention.heads: 8 must be divisible by attention.groups 3\
          """
              .formatted(file),
          "summary",
          file);
    }

    @Test
    void fileThatIsNoYaml() {
      String file = model("name: [tiny\n");

      Outcome outcome = refusal("summary", file);

      assertThat(outcome.err()).startsWith(file + ":2: not valid YAML: ").hasLineCount(1);
    }

    @Test
    void unknownDataset() {
      String message =
          "fashion-mnits: unknown dataset; did you mean fashion-mnist? Known: "
              + String.join(", ", Datasets.names());

      refused(
          message + "; there is no folder or archive of this name either",
          "evaluate",
          savedModel(),
          "--data",
          "fashion-mnits");
      refused(message, "train", run(RUN), "--set", "data.dataset=fashion-mnits");
    }

    @Test
    void datasetFileThatIsMissing() {
      refused(
          temporary
              + ": has neither train-images-idx3-ubyte.gz nor train-images-idx3-ubyte;"
              + " \"./mlit data fetch fashion-mnist --to "
              + temporary
              + "\" downloads it",
          "train",
          run(RUN.replace("fashion-small", "fashion-mnist, directory: " + temporary)));
    }

    @Test
    void datasetFileThatIsTruncated() throws IOException {
      byte[] whole = gzip(idxOfTwoImages());
      Path file = temporary.resolve("train-images-idx3-ubyte.gz");
      Files.write(file, Arrays.copyOf(whole, whole.length / 2));

      Outcome outcome =
          refusal(
              "evaluate", savedModel(), "--data", "fashion-mnist", "--data-dir", "" + temporary);

      assertThat(outcome.err())
          .matches(
              "\\Q"
                  + file
                  + "\\E: \\d+ bytes of pixels, but the header claims 2 images of 28x28"
                  + " \\(1568 bytes\\); the file is truncated, fetch it again\\R");
    }

    @Test
    void imageThatIsNotThere() {
      Path file = temporary.resolve("bag.png");

      refused(file + ": no such file", "predict", savedModel(), file.toString());
    }

    @Test
    void directoryThatIsNoModel() throws IOException {
      Path directory = Files.createDirectory(temporary.resolve("empty"));
      String message = directory + ": not a SavedModel of mlit, it has no saved_model.pb";

      refused(message, "predict", directory.toString(), image("bag.png"));
      refused(message, "evaluate", directory.toString(), "--data", "fashion-small");
    }

    @Test
    void directoryThatIsNotThere() {
      Path directory = temporary.resolve("nothere");

      refused(
          directory + ": not a SavedModel of mlit, there is no such directory",
          "predict",
          directory.toString(),
          image("bag.png"));
    }

    @Test
    void numberOfClassesToNameBelowOne() {
      refused(
          "--top: 0 must be at least 1", "predict", savedModel(), image("bag.png"), "--top", "0");
    }

    @Test
    void outThatExists() throws IOException {
      Path out = Files.createDirectory(temporary.resolve("out"));
      Files.writeString(out.resolve("notes.txt"), "mine");

      refused(
          out + ": exists already, a run needs a new or empty directory (--out DIR)",
          "train",
          run(RUN),
          "--out",
          out.toString());
    }

    @Test
    void exportOfTheRunToADirectoryOfSomethingElse() throws IOException {
      Path target = Files.createDirectory(temporary.resolve("target"));
      Files.writeString(target.resolve("notes.txt"), "mine");

      refused(
          target + ": holds something that mlit did not write, it is not overwritten: notes.txt",
          "train",
          run(RUN),
          "--set",
          "export=" + target);
    }

    @Test
    void exportToADirectoryOfSomethingElse() throws IOException {
      Path target = Files.createDirectory(temporary.resolve("target"));
      Files.writeString(target.resolve("notes.txt"), "mine");
      String message =
          target + ": holds something that mlit did not write, it is not overwritten: notes.txt";

      refused(message, "export", trained.toString(), "--to", "" + target);
      refused(
          message, "export", trained.toString(), "--to", "" + target, "--format", "safetensors");
    }

    @Test
    void exportOfADirectoryThatIsNeitherARunNorAModel() {
      refused(
          temporary
              + ": must be the directory of a run (it has no run.yaml) or a SavedModel (it has no"
              + " saved_model.pb)",
          "export",
          temporary.toString(),
          "--to",
          temporary.resolve("target").toString());
    }

    @Test
    void exportInAnUnknownFormat() {
      refused(
          "--format: tflite must be savedmodel, safetensors or onnx (try: ./mlit export --help)",
          "export",
          trained.toString(),
          "--to",
          temporary.resolve("target").toString(),
          "--format",
          "tflite");
    }

    @Test
    void exportToAnOnnxFileOfSomebodyElse() throws IOException {
      Path target = Files.writeString(temporary.resolve("model.onnx"), "mine");

      refused(
          target + ": is a file that mlit did not write, it is not overwritten",
          "export",
          trained.toString(),
          "--to",
          target.toString(),
          "--format",
          "onnx");
      assertThat(target).hasContent("mine");
    }

    @Test
    void exportToAnOnnxFileOfAnotherEnding() {
      Path target = temporary.resolve("exported");

      refused(
          target + ": must end with .onnx, as one file is written",
          "export",
          savedModel(),
          "--to",
          target.toString(),
          "--format=onnx");
    }

    @Test
    void exportOfOutputsThatThereAreNot() {
      String target = temporary.resolve("model.onnx").toString();

      refused(
          "--outputs: feature: unknown output; did you mean features? Known: logits, probabilities,"
              + " features, tokens, patches, mask",
          "export",
          savedModel(),
          "--to",
          target,
          "--format=onnx",
          "--outputs=logits,feature");
      refused(
          "outputs: mask of tiny, a classifier, must be of logits, probabilities, features, tokens",
          "export",
          savedModel(),
          "--to",
          target,
          "--format=onnx",
          "--outputs=logits,mask");
      refused(
          "--outputs: must be left out where --format is savedmodel, it is for onnx",
          "export",
          savedModel(),
          "--to",
          target,
          "--outputs=logits");
    }

    @Test
    void exportOfTheBestEpochOfASavedModel() {
      refused(
          savedModel()
              + ": a SavedModel has no epochs to choose from: ./mlit export --best,"
              + " EpochChoice.BEST",
          "export",
          savedModel(),
          "--best",
          "--to",
          temporary.resolve("model").toString());
    }

    @Test
    void importOfAFileThatIsNotThere() {
      Path weights = temporary.resolve("model.safetensors");

      refused(
          weights + ": no such file",
          "import",
          weights.toString(),
          "--model",
          model(MODEL),
          "--to",
          temporary.resolve("target").toString());
    }

    @Test
    void importOfWeightsWithoutADescription() throws IOException {
      Path weights = Files.createFile(temporary.resolve("model.safetensors"));

      refused(
          weights + ": what the weights are for must be given (--model), as there is no spec.yaml",
          "import",
          weights.toString(),
          "--to",
          temporary.resolve("target").toString());
    }

    @Test
    void importThatRenamesToNothing() {
      refused(
          "--rename: dense/kernel must be NAME=VARIABLE, such as dense/kernel=head/kernel, or"
              + " PREFIX=, such as module.=",
          "import",
          savedModel(),
          "--rename",
          "dense/kernel",
          "--to",
          temporary.resolve("target").toString());
    }

    @Test
    void importThatRenamesANameToABeginning() {
      refused(
          "--rename: module.=head/kernel must be NAME=VARIABLE, such as dense/kernel=head/kernel,"
              + " or PREFIX=, such as module.=",
          "import",
          savedModel(),
          "--rename",
          "module.=head/kernel",
          "--to",
          temporary.resolve("target").toString());
    }

    @Test
    void theDirectoryOfARunForItsModel() {
      String message =
          trained
              + ": not a SavedModel of mlit, it has no saved_model.pb; it is the directory of a run,"
              + " whose model is in "
              + savedModel()
              + " or comes by: ./mlit export "
              + trained
              + " --to MODEL_DIR";

      refused(message, "predict", trained.toString(), image("bag.png"));
      refused(message, "evaluate", trained.toString(), "--data", "fashion-small");
    }

    @Test
    void importOfARun() {
      refused(
          trained
              + ": a run directory; its model is written by ./mlit export "
              + trained
              + " --to DIR",
          "import",
          trained.toString(),
          "--to",
          temporary.resolve("target").toString());
    }

    @Test
    void importWithoutTheLabelsThatAreNamed() {
      Path labels = temporary.resolve("labels.txt");

      refused(
          "--labels: " + labels + ": cannot be read",
          "import",
          temporary.resolve("model.safetensors").toString(),
          "--model",
          model(MODEL),
          "--labels",
          labels.toString(),
          "--to",
          temporary.resolve("target").toString());
    }

    @Test
    void unknownPrecision() {
      refused(
          "--precision: float16 must be float32 or bfloat16; did you mean bfloat16?"
              + " (try: ./mlit bench --help)",
          "bench",
          "--precision",
          "float16");
    }

    @Test
    void precisionOfInference() {
      refused(
          "--precision: bfloat16 is for --mode train; a trained model computes in float32",
          "bench",
          "--mode",
          "infer",
          "--precision",
          "bfloat16");
    }

    @ParameterizedTest
    @CsvSource({"--optimizer, muon", "--recompute, never"})
    void settingOfTrainingForInference(String option, String value) {
      refused(
          option + ": is for --mode train, without --data and --all-reduce",
          "bench",
          "--mode",
          "infer",
          option,
          value);
    }

    @Test
    void benchmarkOfNoImages() {
      refused("--batch: 0 must be at least 1 and at most 65536", "bench", "--batch", "0");
    }

    @Test
    void startFromADirectoryWithoutAModel() {
      refused(
          "initialize.from: "
              + temporary
              + " must be a SavedModel of mlit (spec.yaml), a run directory (run.yaml), a"
              + " safetensors file, or one of those that come along: "
              + Zoo.names(),
          "train",
          run(RUN),
          "--set",
          "initialize.from=" + temporary);
    }
  }

  @Test
  void runThatDivergesEndsWithOneAndAMessageButNoStackTrace() {
    Outcome outcome =
        Outcome.withLog(
            "train",
            run(RUN),
            "--out",
            temporary.resolve("out").toString(),
            "--set",
            "training.steps=20",
            "--set",
            "schedule.warmup-epochs=0",
            "--set",
            "optimizer={learning-rate: 1000, weight-decay: 1000, clip-norm: 0}");

    assertThat(outcome.exit()).isEqualTo(1);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).startsWith("training diverged at step ").hasLineCount(1);
  }

  @Test
  void trainPrintsOneJsonObjectAndNothingElseOnStandardOutput() throws IOException {
    JsonNode json = training.lastLine();

    assertThat(training.out()).hasLineCount(1);
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly("run", "saved_model", "test_accuracy", "seconds");
    assertThat(json.path("run").asText()).isEqualTo(trained.toString());
    assertThat(json.path("saved_model").asText()).isEqualTo(savedModel());
    assertThat(json.path("test_accuracy").asDouble()).isBetween(0.02, 1.0);
    assertThat(json.path("seconds").asDouble()).isPositive();
    assertThat(Path.of(savedModel(), "saved_model.pb")).isRegularFile();
  }

  @Test
  void trainShowsItsProgressOnStandardError() {
    assertThat(training.err()).isEmpty();
    assertThat(training.log().lines())
        .startsWith(
            trained
                + ": tiny, 1,958 parameters; 10,000 images to train on, 2,000 to test on; 2 steps")
        .last()
        .asString()
        .matches(
            "epoch 1/1  loss \\d\\.\\d{4}  train accuracy [01]\\.\\d{4}"
                + "  test accuracy [01]\\.\\d{4}  \\d+ images/s  \\d+ s");
  }

  @Test
  void trainSaysWhatToDoNext() {
    Path out = temporary.resolve("out");

    Outcome outcome = Outcome.withLog("train", run(RUN), "--out", out.toString());

    assertThat(outcome.exit()).isZero();
    assertThat(outcome.out())
        .matches(
            """
            test accuracy 0\\.\\d{4} on 2,000 images, 2 steps in \\d+ s
            run         OUT
            SavedModel  OUT/savedmodel
            next        ./mlit predict OUT/savedmodel IMAGE.png
                        ./mlit evaluate OUT/savedmodel --data fashion-small
                        ./mlit serve OUT/savedmodel
            """
                .replace("OUT", out.toString()));
  }

  @Test
  void evaluateFindsTheAccuracyOfTheTraining() throws IOException {
    Outcome outcome = done("evaluate", "--data", "fashion-small", "--json", savedModel());

    JsonNode json = outcome.lastLine();
    assertThat(json.fieldNames()).toIterable().startsWith("accuracy", "examples", "loss");
    assertThat(json.path("accuracy")).isEqualTo(training.lastLine().path("test_accuracy"));
    assertThat(json.path("examples").asInt()).isEqualTo(2000);
    Path run = Path.of(training.lastLine().path("run").asText());
    assertThat(json.path("loss").asDouble())
        .isCloseTo(RunDirectory.open(run).epochs().get(0).testLoss(), within(1e-5));
    assertThat(done("evaluate", savedModel(), "--data", "fashion-small").out())
        .containsPattern("^accuracy 0\\.\\d{4} on 2,000 images\\R");
  }

  @Test
  void evaluateFindsTheErrorOfAnAutoencodersTraining() throws IOException {
    String pretraining =
        RUN.replace(
            "  classes: 10\n",
            """
              mask: 0.75
              decoder: {layers: 1, embedding: 8, heads: 2, groups: 1}
            task: reconstruct
            """);
    Path out = temporary.resolve("out");
    Outcome learned = done("train", run(pretraining), "--json", "--out", out.toString());
    String savedModel = out.resolve("savedmodel").toString();

    Outcome outcome = done("evaluate", savedModel, "--data", "fashion-small", "--json");

    JsonNode json = outcome.lastLine();
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly("hidden_error", "visible_error", "examples");
    double error = learned.lastLine().path("test_loss").asDouble();
    assertThat(json.path("hidden_error").asDouble()).isCloseTo(error, within(1e-6));
    assertThat(json.path("examples").asInt()).isEqualTo(2000);
    assertThat(done("evaluate", savedModel, "--data", "fashion-small").out())
        .matches(
            "mean squared error \\d\\.\\d{4} of hidden patches, \\d\\.\\d{4} of visible ones, on"
                + " 2,000 images\\R");
    assertThat(outcome.err()).isEmpty();
  }

  @Test
  void predictNamesAClassForEveryImageInOrder() throws IOException {
    List<String> command = new ArrayList<>(List.of("predict", savedModel()));
    List<String> images = new ArrayList<>();
    try (Stream<Path> files = Files.list(IMAGES)) {
      files.map(Path::toString).filter(file -> file.matches(".*(png|jpg)")).forEach(images::add);
    }
    assertThat(images).hasSize(12);
    command.addAll(images);

    Outcome outcome = done(command.toArray(String[]::new));

    List<String> labels = Files.readAllLines(Path.of(savedModel(), "labels.txt"));
    String label = labels.stream().map(l -> "\\Q" + l + "\\E").collect(joining("|"));
    List<String> lines = outcome.out().lines().toList();
    assertThat(lines).hasSize(images.size());
    for (int i = 0; i < lines.size(); i++) {
      assertThat(lines.get(i))
          .matches("\\Q" + images.get(i) + "\\E: (" + label + ") [01]\\.\\d{4}");
    }
  }

  @Test
  void predictNamesTheBestClassesFirst() throws IOException {
    Outcome outcome =
        done("predict", "--top", "3", savedModel(), "--json", image("sneaker-300x400.jpg"));

    JsonNode images = outcome.lastLine().path("images");
    assertThat(images).hasSize(1);
    assertThat(images.get(0).path("file").asText()).isEqualTo(image("sneaker-300x400.jpg"));
    List<String> labels = Files.readAllLines(Path.of(savedModel(), "labels.txt"));
    List<Double> probabilities = new ArrayList<>();
    for (JsonNode prediction : images.get(0).path("predictions")) {
      assertThat(prediction.fieldNames())
          .toIterable()
          .containsExactly("index", "label", "probability");
      assertThat(prediction.path("label").asText())
          .isEqualTo(labels.get(prediction.path("index").asInt()));
      probabilities.add(prediction.path("probability").asDouble());
    }
    assertThat(probabilities).hasSize(3).isSortedAccordingTo((a, b) -> Double.compare(b, a));
    assertThat(probabilities.get(0)).isBetween(0.1, 1.0);
  }

  @Test
  void predictNamesAllClassesIfMoreAreAskedFor() throws IOException {
    Outcome outcome = done("predict", savedModel(), image("bag.png"), "--top", "99", "--json");

    double sum = 0;
    JsonNode predictions = outcome.lastLine().path("images").get(0).path("predictions");
    for (JsonNode prediction : predictions) {
      sum += prediction.path("probability").asDouble();
    }
    assertThat(predictions).hasSize(10);
    assertThat(sum).isBetween(0.9999, 1.0001);
  }

  @Test
  void predictAnswersAnImageThatIsNamedTwiceTwice() {
    Outcome outcome = done("predict", savedModel(), image("bag.png"), image("bag.png"));

    List<String> lines = outcome.out().lines().toList();
    assertThat(lines).hasSize(2);
    assertThat(lines.get(1)).isEqualTo(lines.get(0));
  }

  @Test
  void exportWritesTheModelOfTheRun() throws IOException {
    Path target = temporary.resolve("target");

    Outcome outcome = done("export", "--json", "--to", target.toString(), trained.toString());

    assertThat(outcome.lastLine().path("directory").asText()).isEqualTo(target.toString());
    assertThat(done("predict", target.toString(), image("bag.png")).out())
        .isEqualTo(done("predict", savedModel(), image("bag.png")).out());
  }

  /** An earlier export, of which the run is gone, is as good as the run. */
  @Test
  void exportTakesASavedModelForEveryFormat() throws IOException {
    String source = savedModel();
    Path saved = temporary.resolve("saved");
    Path tensors = temporary.resolve("tensors");
    Path ofRun = temporary.resolve("tensors-of-run");
    Path onnx = temporary.resolve("model.onnx");
    Path onnxOfRun = temporary.resolve("of-run.onnx");

    done("export", source, "--to", saved.toString());
    done("export", source, "--to", tensors.toString(), "--format", "safetensors");
    done("export", trained.toString(), "--to", ofRun.toString(), "--format", "safetensors");
    done("export", source, "--to", onnx.toString(), "--format", "onnx");
    Outcome outcome =
        done("export", trained.toString(), "--to", "" + onnxOfRun, "--format", "onnx", "--json");

    assertThat(done("predict", saved.toString(), image("bag.png")).out())
        .isEqualTo(done("predict", source, image("bag.png")).out());
    for (String file :
        List.of("model.safetensors", "spec.yaml", "labels.txt", "config.json", "SHA256SUMS")) {
      assertThat(tensors.resolve(file)).hasSameBinaryContentAs(ofRun.resolve(file));
    }
    assertThat(onnx).hasSameBinaryContentAs(onnxOfRun);
    assertThat(outcome.lastLine())
        .isEqualTo(
            new ObjectMapper().valueToTree(Map.of("file", onnxOfRun.toString(), "format", "onnx")));
  }

  @Test
  void importMakesTheModelOfWhatExportWrote() {
    Path weights = temporary.resolve("weights");
    Path target = temporary.resolve("target");
    done("export", trained.toString(), "--to", weights.toString(), "--format", "safetensors");

    done(
        "import",
        weights.resolve("model.safetensors").toString(),
        "--model",
        weights.resolve("spec.yaml").toString(),
        "--labels",
        weights.resolve("labels.txt").toString(),
        "--to",
        target.toString());

    assertThat(done("predict", target.toString(), image("bag.png")).out())
        .isEqualTo(done("predict", savedModel(), image("bag.png")).out());
  }

  /** What PyTorch's DataParallel puts in front of every name. */
  @Test
  void importTakesOffWhatAllNamesBeginWith() throws IOException {
    Path exported = temporary.resolve("exported");
    done("export", trained.toString(), "--to", "" + exported, "--format", "safetensors");
    TensorFile tensors = TensorFile.read(exported.resolve("model.safetensors"));
    Map<String, Weights.Array> behind = new TreeMap<>();
    tensors.names().forEach(name -> behind.put("module." + name, tensors.tensor(name)));
    Path file = temporary.resolve("parallel.safetensors");
    TensorFile.write(file, behind);
    Path target = temporary.resolve("target");

    Outcome outcome = done("import", "" + file, "--model", savedModel(), "--to", "" + target);

    assertThat(outcome.out())
        .contains("variables of a safetensors file\n")
        .contains("names       all begin with module., taken without it\n");
    assertThat(done("predict", target.toString(), image("bag.png")).out())
        .isEqualTo(done("predict", savedModel(), image("bag.png")).out());
    JsonNode json =
        done("import", "" + file, "--model", savedModel(), "--json", "--to", "" + target)
            .lastLine();
    assertThat(json.path("prefix").asText()).isEqualTo("module.");
  }

  /** Its description and labels lie beside it; what it computes is compared. */
  @Test
  void importOfASavedModelNeedsNoMore() throws IOException {
    Path target = temporary.resolve("target");

    assertThat(done("import", savedModel(), "--to", target.toString()).out())
        .contains(
            "compared    not compared with the graph of the SavedModel; --compare runs that, which"
                + " may do anything");
    Outcome outcome =
        done("import", savedModel(), "--compare", "--json", "--to", target.toString());

    JsonNode json = outcome.lastLine();
    assertThat(json.path("kind").asText()).isEqualTo("SavedModel");
    assertThat(json.path("variables").asInt()).isPositive();
    assertThat(json.path("others")).isEmpty();
    assertThat(json.path("difference").asDouble(1)).isLessThan(1e-4);
    assertThat(done("predict", target.toString(), image("bag.png")).out())
        .isEqualTo(done("predict", savedModel(), image("bag.png")).out());
  }

  @Test
  void importOfACheckpointTakesDescriptionAndLabelsFromTheModelThatIsNamed() {
    Path target = temporary.resolve("target");

    Outcome outcome =
        done(
            "import",
            Path.of(savedModel(), "variables", "variables").toString(),
            "--model",
            savedModel(),
            "--to",
            target.toString());

    assertThat(outcome.out())
        .contains("variables of a TensorFlow checkpoint\n")
        .contains("next        ./mlit evaluate " + target);
    assertThat(done("predict", target.toString(), image("bag.png")).out())
        .isEqualTo(done("predict", savedModel(), image("bag.png")).out());
  }

  @Test
  void benchPrintsWhatWasTimed() throws IOException {
    JsonNode json =
        done(
                "bench",
                "--model",
                model(MODEL),
                "--set",
                "patch=14",
                "--batch",
                "2",
                "--warmup",
                "1",
                "--steps",
                "2",
                "--threads",
                "1",
                "--precision",
                "bfloat16",
                "--optimizer",
                "muon",
                "--profile",
                "--json")
            .lastLine();

    JsonNode result = json.path("result");
    assertThat(result.fieldNames())
        .toIterable()
        .containsExactly(
            "model",
            "mode",
            "precision",
            "batch",
            "threads",
            "steps",
            "first_step_seconds",
            "median_ms",
            "min_ms",
            "max_ms",
            "images_per_second",
            "gflop_per_second",
            "machine_gflop_per_second",
            "share",
            "peak_rss_mib",
            "tensorflow",
            "optimizer");
    assertThat(result.path("optimizer").asText()).isEqualTo("muon");
    assertThat(result.path("model").asText()).isEqualTo("mine");
    assertThat(result.path("mode").asText()).isEqualTo("train");
    assertThat(result.path("precision").asText()).isEqualTo("bfloat16");
    assertThat(result.path("batch").asInt()).isEqualTo(2);
    assertThat(json.path("profile").path("by_operation").findValuesAsText("name"))
        .as("the products are of bfloat16")
        .contains("Cast");
  }

  @Test
  void summaryPrintsWhatTheModelCosts() throws IOException {
    JsonNode json = done("summary", "specs/models/mlit-xxs.yaml", "--json").lastLine();

    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly("name", "parameters", "macs", "macs_top_k", "blocks");
    assertThat(json.path("name").asText()).isEqualTo("mlit-xxs");
    assertThat(json.path("parameters").asLong()).isEqualTo(665_282);
    assertThat(sum(json.path("blocks"), "parameters")).isEqualTo(665_282);
    assertThat(sum(json.path("blocks"), "macs")).isEqualTo(json.path("macs").asLong());
    assertThat(sum(json.path("blocks"), "macs_top_k")).isEqualTo(json.path("macs_top_k").asLong());
    assertThat(json.path("blocks").findValuesAsText("name"))
        .hasSize(12)
        .startsWith("patch_embedding", "encoder/block_0")
        .endsWith("encoder/block_8", "encoder/norm", "head");
    assertThat(json.path("blocks").get(1).fieldNames())
        .toIterable()
        .containsExactly(
            "name",
            "tokens",
            "heads",
            "groups",
            "experts",
            "hidden",
            "parameters",
            "macs",
            "macs_top_k");
  }

  @Test
  void summaryPrintsATableForPeople() {
    assertThat(done("summary", "mlit-xxs").out().lines())
        .contains(
            "mlit-xxs: images 36x36x3, patch 3, 145 tokens of width 108, 100 classes,"
                + " top 2 of the experts",
            "encoder/block_0       145     6      3       3     81       80,574     16,004,520"
                + "     14,736,060",
            "size: 2.66 MB in float32, 1.33 MB in bfloat16");
  }

  @Test
  void optionsMayFollowInAnyOrder() throws IOException {
    Outcome outcome = done("summary", "--set", "classes=10", "--json", "mlit-xxs");

    assertThat(outcome.lastLine().path("parameters").asLong()).isEqualTo(665_282 - 90 * 109);
    assertThat(done("summary", "mlit-xxs", "--json", "--set", "classes=10")).isEqualTo(outcome);
    assertThat(done("summary", "--json", "mlit-xxs", "--set=classes=10")).isEqualTo(outcome);
  }

  @Test
  void devicesListsTheProcessor() throws IOException {
    JsonNode first = done("devices", "--json").lastLine().path("devices").get(0);

    assertThat(first.path("name").asText()).isEqualTo("/device:CPU:0");
    assertThat(first.path("type").asText()).isEqualTo("CPU");
    assertThat(done("devices").out()).startsWith("/device:CPU:0  ");
  }

  @Test
  void withoutACommandItPrintsWhatThereIs() {
    assertThat(done().out())
        .contains(
            "train ",
            "evaluate ",
            "predict ",
            "export ",
            "import ",
            "summary ",
            "serve ",
            "devices ");
  }

  @Test
  void versionNamesTensorFlowAndJava() {
    assertThat(done("--version").out())
        .containsPattern("mlit .*\\RTensorFlow 2\\.\\d+\\.\\d+, Java \\d+");
  }

  @Test
  void helpOfACommandShowsItsOptions() {
    assertThat(done("train", "--help").out())
        .contains("--out=DIR", "--set=KEY=VALUE", "--json", "[RUN.yaml]");
  }

  /** Runs a command that must end well, without a word on standard error. */
  private static Outcome done(String... arguments) {
    Outcome outcome = Outcome.withLog(arguments);
    assertThat(outcome.exit()).as(outcome.err()).isZero();
    assertThat(outcome.err()).isEmpty();
    return outcome;
  }

  private void refused(String message, String... arguments) {
    assertThat(refusal(arguments).err()).isEqualTo(message + System.lineSeparator());
  }

  /** Runs a command that must end with 2, say why and do nothing else. */
  private Outcome refusal(String... arguments) {
    Map<Path, String> before = content(temporary);

    Outcome outcome = Outcome.withLog(arguments);

    assertThat(outcome.exit()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.log()).isEmpty();
    assertThat(content(temporary)).isEqualTo(before);
    assertThat(Path.of("runs", NAME)).doesNotExist();
    return outcome;
  }

  /** Everything below a directory, with what is in it. */
  private static Map<Path, String> content(Path directory) {
    Map<Path, String> content = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.toList()) {
        content.put(
            path,
            Files.isDirectory(path) ? "directory" : Arrays.toString(Files.readAllBytes(path)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return content;
  }

  private String run(String yaml) {
    return file("my-run.yaml", yaml);
  }

  private String model(String yaml) {
    return file("my-model.yaml", yaml);
  }

  private String file(String name, String content) {
    try {
      return Files.writeString(temporary.resolve(name), content).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String savedModel() {
    return trained.resolve("savedmodel").toString();
  }

  private static String image(String name) {
    return IMAGES.resolve(name).toString();
  }

  private static long sum(JsonNode rows, String field) {
    long sum = 0;
    for (JsonNode row : rows) {
      sum += row.path(field).asLong();
    }
    return sum;
  }

  private static byte[] idxOfTwoImages() {
    byte[] pixels = new byte[2 * 28 * 28];
    new Random(1).nextBytes(pixels);
    return ByteBuffer.allocate(16 + pixels.length)
        .putInt(0x0803)
        .putInt(2)
        .putInt(28)
        .putInt(28)
        .put(pixels)
        .array();
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    }
    return bytes.toByteArray();
  }
}
