package dev.mlit.spec;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * If this fails, a user's YAML file is read as something else than what it says, or is refused
 * without the line and the rule, or one problem at a time.
 */
class SpecsTest {
  private static final String MODEL =
      """
      name: tiny
      image: {height: 4, width: 4, channels: 1}
      patch: 2
      embedding: 4
      attention: {heads: 2, groups: 1}
      stages:
        - {layers: 1, experts: 2}
      hidden: {first: 3, last: 3}
      classes: 2
      """;

  private static final ModelSpec TINY =
      ModelSpec.builder("tiny")
          .image(4, 4, 1)
          .patch(2)
          .embedding(4)
          .attention(2, 1)
          .stage(1, 2)
          .hidden(3, 3)
          .classes(2)
          .build();

  private static final String RUN =
      """
      name: short
      model: tiny.yaml
      data: {dataset: fashion-small}
      """;

  private static final String KNOWN_IN_A_MODEL =
      "Known here: attention, classes, decoder, embedding, hidden, image, mask, name, norm-pixels,"
          + " normalization, patch, pooling, routing, stages";

  private static final String KNOWN_IN_A_RUN =
      "Known here: augmentation, checkpoints, data, early-stopping, ema, export, freeze,"
          + " initialize, model, name, neighbours, optimizer, probe, schedule, task, training";

  private final Path directory;

  SpecsTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private ModelSpec model(String text, String... settings) throws IOException {
    return Specs.model(file("tiny.yaml", text).toString(), List.of(settings));
  }

  private RunSpec run(String text, String... settings) throws IOException {
    return Specs.run(file("run.yaml", text), List.of(settings));
  }

  /** The problems that reading reports; {@code DIR} stands for the test's directory. */
  private void assertRefused(ThrowingCallable reading, String... problems) {
    String here = directory + directory.getFileSystem().getSeparator();
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(reading)
        .withMessage(
            "%s",
            Arrays.stream(problems)
                .map(p -> p.replace("DIR/", here))
                .collect(Collectors.joining("\n")));
  }

  private static String change(String text, String line, String by) {
    assertThat(text).contains(line);
    return text.replace(line, by);
  }

  // ---- Values ----

  @Test
  void readsAModel() throws IOException {
    assertThat(model(MODEL)).isEqualTo(TINY);
  }

  @Test
  void readsEveryFieldOfAModel() throws IOException {
    String optional =
        """
        routing: {top: 1, importance-weight: 0.5, load-weight: 1.0e-3}
        normalization: {mean: [0.1], std: [1]}
        pooling: mean
        """;
    assertThat(model(MODEL + optional))
        .isEqualTo(
            TINY.toBuilder()
                .routing(1, 0.5, 0.001)
                .normalization(0.1, 1)
                .pooling(ModelSpec.Pooling.MEAN)
                .build());
  }

  @Test
  void readsEveryFieldOfARun() throws IOException {
    file("tiny.yaml", MODEL);
    RunSpec run =
        run(
            RUN
                + """
                task: classify
                training: {epochs: 6, batch: 32, seed: -5, steps: 7, threads: 2, precision: bfloat16}
                optimizer: {learning-rate: 1.0e-4, weight-decay: 0, beta1: 0.8, beta2: 0.9,
                  epsilon: 1e-6, clip-norm: 2, name: muon, muon-learning-rate: 3.0e-4, momentum: 0.5}
                schedule: {warmup-epochs: 0.5, final-factor: 0.1}
                augmentation: {flip: true}
                initialize: {from: runs/pretrained}
                freeze: [patch_embedding, encoder]
                export: savedmodels/short
                """);
    assertThat(run)
        .isEqualTo(
            RunSpec.builder("short")
                .model(TINY)
                .data("fashion-small")
                .training(
                    t ->
                        t.epochs(6)
                            .batch(32)
                            .seed(-5)
                            .steps(7)
                            .threads(2)
                            .precision(Precision.BFLOAT16))
                .optimizer(
                    o ->
                        o.learningRate(1e-4)
                            .weightDecay(0)
                            .betas(0.8, 0.9)
                            .epsilon(1e-6)
                            .clipNorm(2)
                            .name(OptimizerSpec.Name.MUON)
                            .muonLearningRate(3e-4)
                            .momentum(0.5))
                .schedule(s -> s.warmupEpochs(0.5).finalFactor(0.1))
                .augmentation(a -> a.flip(true))
                .initialize("runs/pretrained")
                .freeze("patch_embedding", "encoder")
                .export("savedmodels/short")
                .build());
  }

  @Test
  void readsADirectoryOfData() throws IOException {
    file("tiny.yaml", MODEL);
    String data = "data: {dataset: fashion-mnist, directory: there}";
    assertThat(run(change(RUN, "data: {dataset: fashion-small}", data)).data())
        .isEqualTo(new RunSpec.Data("fashion-mnist", "there", 0.2, 1, 0, List.of(), List.of()));
  }

  @ParameterizedTest
  @CsvSource({"1e-3, 0.001", "1E-3, 0.001", "1.0e-3, 0.001", "5, 5.0", ".5, 0.5", "+0.5, 0.5"})
  void readsRealNumbersAsPeopleWriteThem(String written, double value) throws IOException {
    ModelSpec model = model(MODEL + "routing: {load-weight: " + written + "}\n");
    assertThat(model.routing().loadWeight()).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"routing:", "routing: ~", "routing: null", "routing: {}", "routing: {top: }"})
  void takesTheDefaultOfWhatIsLeftEmpty(String line) throws IOException {
    assertThat(model(MODEL + line + "\n")).isEqualTo(TINY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "initialize:",
        "export:",
        "training: {steps: }",
        "data: {dataset: fashion-small, directory: }"
      })
  void takesNothingForAnOptionalFieldThatIsLeftEmpty(String line) throws IOException {
    file("tiny.yaml", MODEL);
    String start = "name: short\nmodel: tiny.yaml\n";
    String data = line.startsWith("data") ? "" : "data: {dataset: fashion-small}\n";
    assertThat(run(start + data + line + "\n")).isEqualTo(run(RUN));
  }

  @Test
  void readsFilesOfEveryEditor() throws IOException {
    assertThat(model("\ufeff" + MODEL.replace("\n", "\r\n"))).isEqualTo(TINY);
  }

  @Test
  void readsCommentsAndDocumentMarks() throws IOException {
    assertThat(model("# a comment\n---\n" + MODEL + "...\n# the end\n")).isEqualTo(TINY);
  }

  // ---- All problems of a file ----

  @Test
  void reportsEveryProblemOfAModelWithItsLine() throws IOException {
    String text =
        """
        name: not a name
        image:
          height: 4
          channels: 2
        patch: two
        embedding: 9
        attention: {heads: 8, groups: 3}
        stages:
          - {layers: 1, experts: 2}
          - {layers: 0, experts: 1,
             size: 3}
        hidden: [3, 3]
        clases: 10
        """;
    assertRefused(
        () -> model(text),
        "DIR/tiny.yaml:1: name: \"not a name\" must be 1 to 100 letters, digits, '.', '_' or '-',"
            + " the first a letter or a digit",
        "DIR/tiny.yaml:1: classes: is required (number of classes)",
        "DIR/tiny.yaml:2: image.width: is required (pixels from left to right; a multiple of the"
            + " patch size)",
        "DIR/tiny.yaml:4: image.channels: 2 must be 1 or 3",
        "DIR/tiny.yaml:5: patch: \"two\" must be a whole number",
        "DIR/tiny.yaml:6: embedding: 9 must be divisible by attention.heads 8",
        "DIR/tiny.yaml:7: attention.heads: 8 must be divisible by attention.groups 3",
        "DIR/tiny.yaml:10: stages[1].layers: 0 must be at least 1 and at most 1000",
        "DIR/tiny.yaml:10: stages[1].experts: 1 must be at least routing.top 2",
        "DIR/tiny.yaml:11: stages[1].size: unknown field; Known here: experts, layers",
        "DIR/tiny.yaml:12: hidden: a list must be a group of fields",
        "DIR/tiny.yaml:13: clases: unknown field; did you mean classes? " + KNOWN_IN_A_MODEL);
  }

  @Test
  void reportsEveryProblemOfARunAndItsModelWithItsLine() throws IOException {
    String text =
        """
        model:
          name: inline
          image: {height: 5, width: 4, channels: 1}
          patch: 2
          embedding: 4
          attention: {heads: 2, groups: 1}
          stages: []
          hidden: {first: 3, last: 3}
          classes: 0
        data:
          dataset:
        training: {epochs: 0.5}
        schedule: {warmup-epochs: -1}
        """;
    assertRefused(
        () -> run(text),
        "DIR/run.yaml:1: name: is required (a short name, used for the run directory)",
        "DIR/run.yaml:3: model.image.height: 5 must be divisible by patch 2",
        "DIR/run.yaml:7: model.stages: at least one stage is required",
        "DIR/run.yaml:9: model.classes: is required (number of classes)",
        "DIR/run.yaml:11: data.dataset: is required (name of a dataset, such as fashion-small), or"
            + " data.datasets for several",
        "DIR/run.yaml:12: training.epochs: 0.5 must be a whole number",
        "DIR/run.yaml:13: schedule.warmup-epochs: -1 must be at least 0 and at most 100000");
  }

  @Test
  void reportsTheProblemsOfAModelInAFileOfItsOwn() throws IOException {
    file("tiny.yaml", change(MODEL, "attention: {heads: 2", "attention: {heads: 3"));
    assertRefused(
        () -> run(RUN + "training: {epochs: 0}\n"),
        "DIR/tiny.yaml:4: model.embedding: 4 must be divisible by attention.heads 3",
        "DIR/run.yaml:4: training.epochs: 0 must be at least 1 and at most 100000");
  }

  @Test
  void tellsAProgramWhereTheProblemIs() throws IOException {
    Path file = file("tiny.yaml", change(MODEL, "embedding: 4", "embedding: 5"));
    InvalidSpecException refusal =
        catchThrowableOfType(InvalidSpecException.class, () -> Specs.model(file.toString()));
    assertThat(refusal.problems())
        .containsExactly(
            new Problem(
                Problem.Place.of(file.toString(), 4),
                "embedding",
                "5 must be divisible by attention.heads 2",
                List.of("embedding", "attention.heads")));
    assertThat(refusal.problems().get(0).where()).isEqualTo(file + ":4");
  }

  @Test
  void namesEveryMissingFieldOfAModelAtOnce() {
    assertRefused(
        () -> model("{}"),
        "DIR/tiny.yaml:1: name: is required (a short name, used for files and directories)",
        "DIR/tiny.yaml:1: image: is required (the size of the images)",
        "DIR/tiny.yaml:1: patch: is required (side of a square patch in pixels; divides height and"
            + " width)",
        "DIR/tiny.yaml:1: embedding: is required (width of a token; a multiple of"
            + " attention.heads)",
        "DIR/tiny.yaml:1: attention: is required (grouped query attention)",
        "DIR/tiny.yaml:1: stages: is required (the blocks, in stages that grow in experts)",
        "DIR/tiny.yaml:1: hidden: is required (widths of the SwiGLU experts, linear from the first"
            + " block to the last)",
        "DIR/tiny.yaml:1: classes: is required (number of classes)");
  }

  @Test
  void namesEveryMissingFieldOfARunAtOnce() {
    assertRefused(
        () -> run("task: classify\ninitialize: {}\n"),
        "DIR/run.yaml:1: name: is required (a short name, used for the run directory)",
        "DIR/run.yaml:1: model: is required (a path relative to this file, a preset's name, or the"
            + " model's fields)",
        "DIR/run.yaml:1: data: is required (the images)",
        "DIR/run.yaml:2: initialize.from: is required (a SavedModel, the name of one that"
            + " comes along, the directory of a run, or a safetensors file)");
  }

  // ---- Unknown fields ----

  /** A file of another kind has thousands of unknown fields; a screen of them says as much. */
  @Test
  void showsAScreenFullOfProblemsAndCountsTheOthers() throws IOException {
    Path file = directory.resolve("tiny.yaml");
    Files.writeString(
        file,
        MODEL
            + Stream.iterate(1, i -> i + 1)
                .limit(25)
                .map(i -> "x" + i + ": 1\n")
                .collect(joining()));
    InvalidSpecException refusal =
        catchThrowableOfType(InvalidSpecException.class, () -> Specs.model(file.toString()));
    assertThat(refusal).message().hasLineCount(20);
    assertThat(refusal.problems()).hasSize(25);
    assertThat(refusal).hasMessageEndingWith(" (and 5 more problems)");
  }

  @Test
  void suggestsTheFieldThatWasMeant() throws IOException {
    file("tiny.yaml", MODEL);
    assertRefused(
        () -> run(RUN + "optimizer: {learning_rate: 0.1}\n"),
        "DIR/run.yaml:4: optimizer.learning_rate: unknown field; did you mean learning-rate?"
            + " Known here: beta1, beta2, clip-norm, epsilon, layer-decay, learning-rate, momentum,"
            + " muon-learning-rate, name, weight-decay");
  }

  @Test
  void suggestsNothingForAFieldLikeNoOther() {
    assertRefused(
        () -> model(MODEL + "dropout:\n  rate: 0.1\n"),
        "DIR/tiny.yaml:10: dropout: unknown field; " + KNOWN_IN_A_MODEL);
  }

  @Test
  void distinguishesFieldsByCase() {
    assertRefused(
        () -> model(MODEL + "Pooling: mean\n"),
        "DIR/tiny.yaml:10: Pooling: unknown field; did you mean pooling? " + KNOWN_IN_A_MODEL);
  }

  @Test
  void refusesAFieldWithoutAName() {
    assertRefused(
        () -> model(MODEL + "'': 1\n"), "DIR/tiny.yaml:10: unknown field; " + KNOWN_IN_A_MODEL);
  }

  // ---- Wrong types ----

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "two | \"two\"",
        "'2' | \"2\"",
        "2.0 | 2.0",
        "2e0 | 2e0",
        "true | true",
        "[2] | a list",
        "{size: 2} | a group of fields",
        "1:30 | \"1:30\"",
        "2024-01-01 | \"2024-01-01\""
      })
  void refusesWhatIsNoWholeNumber(String written, String shown) {
    assertRefused(
        () -> model(MODEL.replace("patch: 2", "patch: " + written)),
        "DIR/tiny.yaml:3: patch: " + shown + " must be a whole number");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2147483648", "-3000000000", "99999999999999999999"})
  void refusesAWholeNumberTooLongForItsField(String number) {
    assertRefused(
        () -> model(MODEL.replace("patch: 2", "patch: " + number)),
        "DIR/tiny.yaml:3: patch: " + number + " must be at least 1 and at most 4096");
  }

  @Test
  void refusesChannelsTooLongForTheirField() {
    assertRefused(
        () -> model(change(MODEL, "channels: 1", "channels: 4294967297")),
        "DIR/tiny.yaml:2: image.channels: 4294967297 must be 1 or 3");
  }

  @Test
  void readsTheLongestSeed() throws IOException {
    file("tiny.yaml", MODEL);
    assertThat(run(RUN + "training: {seed: -9223372036854775808}\n").training().seed())
        .isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void refusesASeedOfMoreThan64Bits() throws IOException {
    file("tiny.yaml", MODEL);
    assertRefused(
        () -> run(RUN + "training: {seed: 9223372036854775808}\n"),
        "DIR/run.yaml:4: training.seed: 9223372036854775808 must be at least -2^63 and below 2^63");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"much | \"much\"", "'0.1' | \"0.1\"", "no | false", "[0.1] | a list"})
  void refusesWhatIsNoNumber(String written, String shown) {
    assertRefused(
        () -> model(MODEL + "routing: {load-weight: " + written + "}\n"),
        "DIR/tiny.yaml:10: routing.load-weight: " + shown + " must be a number");
  }

  @Test
  void refusesANumberThatIsInfinite() {
    assertRefused(
        () -> model(MODEL + "routing: {load-weight: 1e999}\n"),
        "DIR/tiny.yaml:10: routing.load-weight: Infinity must be at least 0 and at most 1000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"1 | 1", "'true' | \"true\"", "maybe | \"maybe\""})
  void refusesWhatIsNeitherTrueNorFalse(String written, String shown) throws IOException {
    file("tiny.yaml", MODEL);
    assertRefused(
        () -> run(RUN + "augmentation: {flip: " + written + "}\n"),
        "DIR/run.yaml:4: augmentation.flip: " + shown + " must be true or false");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"7 | 7", "1.10 | 1.10", "1e5 | 1e5", "yes | true", "[a] | a list"})
  void refusesWhatIsNoText(String written, String shown) {
    assertRefused(
        () -> model(MODEL.replace("name: tiny", "name: " + written)),
        "DIR/tiny.yaml:1: name: " + shown + " must be text (in quotes if it looks like a number)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"max | \"max\"", "MEAN | \"MEAN\"", "class_token | \"class_token\"", "1 | 1"})
  void refusesAnUnknownChoice(String written, String shown) {
    assertRefused(
        () -> model(MODEL + "pooling: " + written + "\n"),
        "DIR/tiny.yaml:10: pooling: " + shown + " must be class-token or mean");
  }

  @Test
  void refusesAnUnknownTask() throws IOException {
    file("tiny.yaml", MODEL);
    assertRefused(
        () -> run(RUN + "task: guess\n"),
        "DIR/run.yaml:4: task: \"guess\" must be classify or reconstruct");
  }

  @Test
  void refusesWhatIsNoList() throws IOException {
    file("tiny.yaml", MODEL);
    assertRefused(
        () -> run(RUN + "freeze: encoder\n"), "DIR/run.yaml:4: freeze: \"encoder\" must be a list");
  }

  @Test
  void refusesWrongItemsOfAList() throws IOException {
    file("tiny.yaml", MODEL);
    assertRefused(
        () -> run(RUN + "freeze:\n- head\n- 3\n- ~\n"),
        "DIR/run.yaml:6: freeze[1]: 3 must be text (in quotes if it looks like a number)",
        "DIR/run.yaml:7: freeze[2]: null must be text (in quotes if it looks like a number)");
  }

  @Test
  void refusesAStageThatIsANumber() {
    assertRefused(
        () -> model(change(MODEL, "- {layers: 1, experts: 2}", "- 2")),
        "DIR/tiny.yaml:7: stages[0]: 2 must be a group of fields");
  }

  // ---- Which model ----

  @Test
  void findsTheModelRelativeToTheRunFile() throws IOException {
    Files.createDirectory(directory.resolve("models"));
    Files.createDirectory(directory.resolve("runs"));
    file("models/tiny.yaml", MODEL);
    Path run = file("runs/run.yaml", change(RUN, "tiny.yaml", "../models/tiny.yaml"));
    assertThat(Specs.run(run).model()).isEqualTo(TINY);
  }

  @Test
  void takesAModelByAnAbsolutePath() throws IOException {
    Path model = file("tiny.yaml", MODEL);
    assertThat(run(change(RUN, "tiny.yaml", "'" + model.toAbsolutePath() + "'")).model())
        .isEqualTo(TINY);
  }

  @Test
  void takesAPresetByItsName() throws IOException {
    assertThat(run(change(RUN, "tiny.yaml", "mlit-xs")).model()).isEqualTo(Presets.mlitXs());
    assertThat(Specs.model("mlit-s")).isEqualTo(Presets.mlitS());
  }

  @Test
  void takesAModelWrittenOut() throws IOException {
    assertThat(run(change(RUN, "tiny.yaml", "\n" + MODEL.indent(2))).model()).isEqualTo(TINY);
  }

  @Test
  void refusesAModelFileThatIsNotThere() {
    assertRefused(
        () -> run(change(RUN, "tiny.yaml", "other.yaml") + "training: {epochs: 0}\n"),
        "DIR/run.yaml:2: model: DIR/other.yaml: no such file",
        "DIR/run.yaml:4: training.epochs: 0 must be at least 1 and at most 100000");
  }

  @Test
  void suggestsThePresetThatWasMeant() {
    assertRefused(
        () -> run(change(RUN, "tiny.yaml", "mlit-xxxs")),
        "DIR/run.yaml:2: model: mlit-xxxs: neither a model file nor a preset; did you mean"
            + " mlit-xxs? Presets: mlit-xxs, mlit-xs, mlit-s, mmlit-xxs, mmlit-xs, mmlit-s");
    assertRefused(
        () -> Specs.model("resnet"),
        "resnet: neither a model file nor a preset; Presets: mlit-xxs, mlit-xs, mlit-s, mmlit-xxs, mmlit-xs, mmlit-s");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"3 | 3", "[a] | a list", "true | true"})
  void refusesWhatNamesNoModel(String written, String shown) {
    assertRefused(
        () -> run(RUN.replace("tiny.yaml", written)),
        "DIR/run.yaml:2: model: " + shown + " must be a path, a preset's name or a model's fields");
  }

  @Test
  void refusesAPathThatIsNone() {
    assertRefused(
        () -> run(change(RUN, "tiny.yaml", "\"a\\0b\"")),
        "DIR/run.yaml:2: model: a?b: not a path: Nul character not allowed");
  }

  @Test
  void refusesAModelFileThatIsNoYaml() throws IOException {
    file("tiny.yaml", "name: {\n");
    assertRefused(
        () -> run(RUN),
        "DIR/tiny.yaml:2: model: not valid YAML: expected the node content, but found"
            + " '<stream end>'");
  }

  // ---- Files that cannot be read ----

  @Test
  void refusesAFileThatIsNotThere() {
    assertRefused(
        () -> Specs.model(directory.resolve("no.yaml").toString()), "DIR/no.yaml: no such file");
    assertRefused(() -> Specs.run(directory.resolve("no.yaml")), "DIR/no.yaml: no such file");
  }

  @Test
  void refusesADirectory() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Specs.run(directory))
        .withMessage("%s: is a directory, a YAML file is needed", directory);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Specs.model(directory.toString()))
        .withMessage("%s: is a directory, a YAML file is needed", directory);
  }

  @Test
  void refusesAFileThatIsNotUtf8() throws IOException {
    Path latin = directory.resolve("latin.yaml");
    Files.write(latin, "name: caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(() -> Specs.run(latin), "DIR/latin.yaml: not a text file in UTF-8");
    Path wide = directory.resolve("wide.yaml");
    Files.write(wide, MODEL.getBytes(StandardCharsets.UTF_16));
    assertRefused(() -> Specs.model(wide.toString()), "DIR/wide.yaml: not a text file in UTF-8");
  }

  @Test
  void refusesAFileTooLargeToBeASpec() throws IOException {
    String filled = MODEL + "\n".repeat((1 << 20) - MODEL.length());
    assertThat(model(filled)).isEqualTo(TINY);
    assertRefused(() -> model(filled + "#"), "DIR/tiny.yaml: larger than 1 MiB, that is no spec");
  }

  // ---- Settings from the command line ----

  @Test
  void aSettingChangesOneField() throws IOException {
    assertThat(model(MODEL, "classes=10")).isEqualTo(TINY.toBuilder().classes(10).build());
  }

  @Test
  void aSettingOfAModelMayBeAnyYaml() throws IOException {
    assertThat(model(MODEL, "stages=[{layers: 2, experts: 3}]").stages())
        .containsExactly(new ModelSpec.Stage(2, 3));
  }

  @Test
  void aSettingReachesIntoAGroupThatTheFileLeavesOut() throws IOException {
    assertThat(model(MODEL, "routing.top=1")).isEqualTo(TINY.toBuilder().routing(1).build());
  }

  @Test
  void aSettingReachesIntoAModelGivenByPath() throws IOException {
    Path model = file("tiny.yaml", MODEL);
    assertThat(run(RUN, "model.classes=10", "model.image.channels=3", "training.epochs=3"))
        .isEqualTo(
            RunSpec.builder("short")
                .model(TINY.toBuilder().image(4, 4, 3).classes(10).build())
                .data("fashion-small")
                .training(t -> t.epochs(3))
                .build());
    assertThat(model).hasContent(MODEL);
  }

  @Test
  void aSettingReachesIntoAPreset() throws IOException {
    assertThat(run(change(RUN, "tiny.yaml", "mlit-xxs"), "model.classes=10").model())
        .isEqualTo(Presets.mlitXxs().toBuilder().classes(10).build());
    assertThat(Specs.model("mlit-xxs", List.of("classes=10")))
        .isEqualTo(Presets.mlitXxs().toBuilder().classes(10).build());
  }

  @Test
  void aSettingReachesIntoAModelWrittenOut() throws IOException {
    String inline = change(RUN, "tiny.yaml", "\n" + MODEL.indent(2));
    assertThat(run(inline, "model.classes=10").model().classes()).isEqualTo(10);
  }

  @Test
  void aSettingReplacesTheModel() throws IOException {
    assertThat(run(RUN, "model=mlit-s", "model.classes=7").model())
        .isEqualTo(Presets.mlitS().toBuilder().classes(7).build());
  }

  @Test
  void theLastSettingOfAFieldCounts() throws IOException {
    assertThat(model(MODEL, "classes=10", "classes=11").classes()).isEqualTo(11);
  }

  @Test
  void aSettingMayHoldAnEqualsSign() throws IOException {
    file("tiny.yaml", MODEL);
    assertThat(run(RUN, "export=a=b").export()).isEqualTo("a=b");
  }

  @Test
  void anEmptySettingTakesAnOptionalFieldAway() throws IOException {
    file("tiny.yaml", MODEL);
    assertThat(run(RUN + "export: there\n", "export=").export()).isNull();
  }

  @Test
  void aSettingRepairsAWrongFile() throws IOException {
    assertThat(model(change(MODEL, "classes: 2", "classes: 0"), "classes=2")).isEqualTo(TINY);
  }

  @Test
  void aSettingReachesEveryKindOfFieldOfARecipe() throws IOException {
    RunSpec run =
        run(
            RUN.replace("tiny.yaml", "mlit-xxs"),
            "augmentation.random-resized-crop.scale=[0.5, 0.9]",
            "augmentation.color-jitter.hue=0.1",
            "augmentation.random-erasing={}",
            "augmentation.fill=reflect",
            "augmentation.mixup=0.2",
            "training.micro-batch=16",
            "training.label-smoothing=0.1",
            "training.drop-path=0.05",
            "optimizer.layer-decay=0.7",
            "schedule.decay=linear",
            "ema.decay=0.99",
            "freeze=[class_token, encoder]");
    assertThat(run)
        .isEqualTo(
            RunSpec.builder("short")
                .model(Presets.mlitXxs())
                .data("fashion-small")
                .training(t -> t.microBatch(16).labelSmoothing(0.1).dropPath(0.05))
                .optimizer(o -> o.layerDecay(0.7))
                .schedule(s -> s.decay(ScheduleSpec.Decay.LINEAR))
                .augmentation(
                    a ->
                        a.randomResizedCrop(0.5, 0.9)
                            .colorJitter(0, 0, 0, 0.1)
                            .randomErasing(0.25)
                            .fill(AugmentationSpec.Fill.REFLECT)
                            .mixup(0.2))
                .ema(0.99)
                .freeze("class_token", "encoder")
                .build());
  }

  @Test
  void anEmptySettingTakesAnAugmentationAway() throws IOException {
    file("tiny.yaml", MODEL);
    String recipe = RUN + "augmentation: {random-crop: {padding: 2}}\nema: {decay: 0.9}\n";
    RunSpec run = run(recipe, "augmentation.random-crop=", "ema=");
    assertThat(run.augmentation().randomCrop()).isNull();
    assertThat(run.ema()).isNull();
  }

  @Test
  void reportsEveryWrongFieldOfARecipe() throws IOException {
    file("tiny.yaml", MODEL);
    String recipe =
        RUN
            + """
            augmentation:
              rotaton: 15
              random-resized-crop: {scale: [0.5]}
              random-erasing: {area: [0.1, 2]}
              mixup: on
              fill: white
            training: {label-smoothing: 1}
            schedule: {decay: cosin}
            ema: 0.999
            """;
    assertRefused(
        () -> run(recipe),
        "DIR/run.yaml:5: augmentation.rotaton: unknown field; did you mean rotation? Known here:"
            + " color-jitter, cutmix, fill, flip, mix-probability, mixup, quarter-turns,"
            + " rand-augment, random-crop, random-erasing, random-resized-crop, rotation,"
            + " translation, trivial-augment-wide, vertical-flip",
        "DIR/run.yaml:6: augmentation.random-resized-crop.scale: [0.5] must be two numbers, the"
            + " lower first",
        "DIR/run.yaml:7: augmentation.random-erasing.area[1]: 2 must be above 0 and at most 1",
        "DIR/run.yaml:8: augmentation.mixup: true must be a number",
        "DIR/run.yaml:9: augmentation.fill: \"white\" must be black or reflect or nearest",
        "DIR/run.yaml:10: training.label-smoothing: 1 must be at least 0 and below 1",
        "DIR/run.yaml:11: schedule.decay: \"cosin\" must be cosine or linear or constant",
        "DIR/run.yaml:12: ema: 0.999 must be a group of fields");
  }

  @Test
  void reportsEveryWrongSetting() throws IOException {
    file("tiny.yaml", MODEL);
    assertRefused(
        () ->
            run(
                RUN,
                "training.epochs=0",
                "trainig.epochs=3",
                "model.clases=3",
                "model.patch=x",
                "augmentation.flip=2"),
        "setting augmentation.flip: augmentation.flip: 2 must be true or false",
        "setting trainig.epochs: trainig: unknown field; did you mean training? " + KNOWN_IN_A_RUN,
        "setting training.epochs: training.epochs: 0 must be at least 1 and at most 100000",
        "setting model.patch: model.patch: \"x\" must be a whole number",
        "setting model.clases: model.clases: unknown field; did you mean classes? "
            + KNOWN_IN_A_MODEL);
  }

  @Test
  void blamesTheFieldAndNotTheSettingWhenTheyDoNotFit() throws IOException {
    assertRefused(
        () -> model(MODEL, "patch=3"),
        "DIR/tiny.yaml:2: image.height: 4 must be divisible by patch 3",
        "DIR/tiny.yaml:2: image.width: 4 must be divisible by patch 3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"classes", "=3", "", ".classes=3", "image.=3", "image..height=3", ".=1"})
  void refusesASettingThatIsNotKeyAndValue(String setting) {
    assertRefused(
        () -> model(MODEL, setting),
        "setting " + setting + ": must be key=value, such as training.epochs=3");
  }

  @Test
  void refusesASettingThatTakesARequiredFieldAway() {
    assertRefused(
        () -> model(MODEL, "classes="),
        "setting classes: classes: is required (number of classes)");
  }

  @Test
  void refusesASettingThatIsNoYaml() {
    assertRefused(
        () -> model(MODEL, "stages=[{layers: 2"),
        "setting stages: not valid YAML: expected ',' or '}', but got <stream end>");
  }

  @Test
  void refusesASettingInsideAValue() {
    assertRefused(
        () -> model(MODEL, "image.height.pixels=3"),
        "setting image.height.pixels: image.height: a group of fields must be a whole number");
  }

  @Test
  void refusesASettingInsideAList() {
    assertRefused(
        () -> model(MODEL, "stages.0.layers=3"),
        "setting stages.0.layers: stages: a group of fields must be a list");
  }

  @Test
  void refusesASettingInsideAModelThatCannotBeFound() {
    assertRefused(
        () -> run(change(RUN, "tiny.yaml", "mlit"), "model.classes=3"),
        "mlit: neither a model file nor a preset; Presets: mlit-xxs, mlit-xs, mlit-s, mmlit-xxs, mmlit-xs, mmlit-s");
  }

  @Test
  void refusesAModelInsideAModel() {
    assertRefused(
        () -> model(MODEL + "model: mlit-s\n", "model.classes=3"),
        "mlit-s: a model has no model in it");
  }

  // ---- Writing ----

  @Test
  void writesEveryFieldOfAModel() {
    assertThat(Specs.yaml(TINY))
        .isEqualTo(
            """
            name: tiny
            image:
              height: 4
              width: 4
              channels: 1
              orientation: stored
            patch: 2
            embedding: 4
            attention:
              heads: 2
              groups: 1
            stages:
            - layers: 1
              experts: 2
            hidden:
              first: 3
              last: 3
            routing:
              top: 2
              importance-weight: 0.01
              load-weight: 0.01
            normalization:
              mean:
              - 0.5
              std:
              - 0.5
            pooling: class-token
            classes: 2
            norm-pixels: false
            """);
  }

  @Test
  void writesARunWithItsModel() {
    RunSpec run = RunSpec.builder("short").model(TINY).data("fashion-small").build();
    assertThat(Specs.yaml(run))
        .isEqualTo(
            "name: short\ntask: classify\nmodel:\n"
                + Specs.yaml(TINY).indent(2)
                + """
                data:
                  dataset: fashion-small
                  test-fraction: 0.2
                  label-fraction: 1.0
                  validation-fraction: 0.0
                  datasets: []
                  exclude: []
                training:
                  epochs: 10
                  batch: 64
                  seed: 1
                  test-every: 1
                  threads: 0
                  label-smoothing: 0.0
                  dropout: 0.0
                  drop-path: 0.0
                  precision: float32
                  worker-timeout: 60
                  patch-dropout: 0.0
                  sampling: shuffled
                  recompute: auto
                optimizer:
                  learning-rate: 0.001
                  weight-decay: 0.05
                  beta1: 0.9
                  beta2: 0.999
                  epsilon: 1.0E-8
                  clip-norm: 1.0
                  layer-decay: 1.0
                  momentum: 0.95
                schedule:
                  warmup-epochs: 1.0
                  decay: cosine
                  final-factor: 0.0
                augmentation:
                  flip: false
                  rotation: 0.0
                  translation: 0.0
                  fill: black
                  color-jitter:
                    brightness: 0.0
                    contrast: 0.0
                    saturation: 0.0
                    hue: 0.0
                  mixup: 0.0
                  cutmix: 0.0
                  mix-probability: 1.0
                  vertical-flip: false
                  quarter-turns: false
                freeze: []
                checkpoints:
                  every-minutes: 5.0
                """);
  }

  @Test
  void readsAndWritesSeveralDatasets() throws IOException {
    String text =
        """
        name: together
        task: reconstruct
        model: mmlit-xxs
        data:
          datasets: [{dataset: image-folder, directory: a.zip, test-fraction: 0.1}, {dataset: cifar100}]
          validation-fraction: 0.05
        neighbours: {every: 2, k: 5, images: 100, dataset: cifar10, directory: b.zip}
        """;
    RunSpec run = run(text);
    assertThat(run)
        .isEqualTo(
            RunSpec.builder("together")
                .task(RunSpec.Task.RECONSTRUCT)
                .model(Presets.mmlitXxs())
                .datasets(
                    new RunSpec.NamedDataset("image-folder", "a.zip", 0.1),
                    RunSpec.NamedDataset.of("cifar100"))
                .validationFraction(0.05)
                .neighbours(n -> n.every(2).k(5).images(100).dataset("cifar10", "b.zip"))
                .build());
    assertThat(run(Specs.yaml(run))).isEqualTo(run);
  }

  @Test
  void readsAndWritesAProbe() throws IOException {
    String text = "name: probe\nmodel: mlit-xxs\ndata: {dataset: mine}\nprobe: {}\n";
    RunSpec run = run(text);
    assertThat(run.probe()).isEqualTo(new ProbeSpec(ProbeSpec.Kind.LOGISTIC_REGRESSION, 1, 20));
    assertThat(run(Specs.yaml(run))).isEqualTo(run);
    assertThat(run(text, "probe.kind=nearest-neighbours", "probe.k=3").probe())
        .isEqualTo(new ProbeSpec(ProbeSpec.Kind.NEAREST_NEIGHBOURS, 1, 3));
  }

  // ---- The files of this repository ----

  static Stream<Path> models() throws IOException {
    return SpecFiles.in("models");
  }

  static Stream<Path> runs() throws IOException {
    return SpecFiles.in("runs");
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyModelOfTheRepositoryIsValidAndNamedAsItsFile(Path file) {
    assertThat(Specs.model(file.toString()).name() + ".yaml")
        .isEqualTo(file.getFileName().toString());
  }

  @ParameterizedTest
  @MethodSource("runs")
  void everyRunOfTheRepositoryIsValidAndNamedAsItsFile(Path file) {
    assertThat(Specs.run(file).name() + ".yaml").isEqualTo(file.getFileName().toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"mlit-xxs", "mlit-xs", "mlit-s", "mmlit-xxs", "mmlit-xs", "mmlit-s"})
  void everyPresetIsAModelOfTheRepository(String name) {
    assertThat(Specs.model(SpecFiles.SPECS.resolve("models/" + name + ".yaml").toString()))
        .isEqualTo(Presets.named(name));
  }

  @Test
  void presetsAreNamedFromSmallToLarge() {
    assertThat(Presets.names())
        .containsExactly("mlit-xxs", "mlit-xs", "mlit-s", "mmlit-xxs", "mmlit-xs", "mmlit-s");
  }
}
