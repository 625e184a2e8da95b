package dev.mlit.weights;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.Mlit;
import dev.mlit.savedmodel.ModelImport;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import dev.mlit.spec.VariableShapes;
import dev.mlit.testing.TinyData;
import dev.mlit.weights.Weights.Array;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * If this fails, weights of another model are taken for this one's, or a user learns of one problem
 * at a time, or finds half a model where an import failed.
 */
class WeightFilesTest {
  private static final ModelSpec MODEL = TinyData.model();
  private static final List<String> LABELS = List.of("up", "down", "dark");

  @TempDir private Path directory;
  private Path file = Path.of("");
  private final Map<String, Array> weights = new LinkedHashMap<>();

  @BeforeEach
  void drawWeights() {
    file = directory.resolve("w.safetensors");
    Random random = new Random(1);
    VariableShapes.of(MODEL).forEach((name, shape) -> weights.put(name, array(random, shape)));
  }

  private static Array array(Random random, List<Long> shape) {
    float[] values = new float[(int) (long) shape.stream().reduce(1L, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new Array(shape, values);
  }

  private static Map<String, List<Float>> valuesOf(Map<String, Array> arrays) {
    Map<String, List<Float>> values = new LinkedHashMap<>();
    arrays.forEach(
        (name, array) ->
            values.put(
                name,
                IntStream.range(0, array.values().length)
                    .mapToObj(i -> array.values()[i])
                    .toList()));
    return values;
  }

  private void write() throws IOException {
    Safetensors.write(file, Weights.of(weights));
  }

  /** Asserts that these are the problems, and that an import leaves nothing behind. */
  private void refused(String... problems) {
    String message = String.join("\n", Stream.of(problems).map(p -> file + ": " + p).toList());
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> WeightFiles.read(MODEL, file))
        .withMessage("%s", message);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Mlit.importWeights(file, MODEL, LABELS, directory.resolve("model")))
        .withMessage("%s", message);
    assertThat(directory).isDirectoryNotContaining(path -> !path.equals(file));
  }

  @Test
  void readsTheWeightsOfAModelInItsOrder() throws IOException {
    write();
    Map<String, Array> read = WeightFiles.read(MODEL, file).arrays();
    assertThat(read.keySet()).containsExactlyElementsOf(weights.keySet());
    assertThat(valuesOf(read)).isEqualTo(valuesOf(weights));
  }

  @Test
  void whatIsExportedIsReadBack() throws IOException {
    Path target = directory.resolve("exported");
    WeightFiles.write(MODEL, Weights.of(weights), LABELS, target);
    assertThat(target).isDirectoryContaining(p -> p.endsWith("model.safetensors"));
    Map<String, Array> read = WeightFiles.read(MODEL, target.resolve("model.safetensors")).arrays();
    assertThat(valuesOf(read)).isEqualTo(valuesOf(weights));
    assertThat(Specs.model(target.resolve("spec.yaml").toString())).isEqualTo(MODEL);
    assertThat(Files.readAllLines(target.resolve("labels.txt"))).isEqualTo(LABELS);
  }

  @Test
  void exportOverwritesNothingThatMlitDidNotWrite() throws IOException {
    Path target = Files.createDirectories(directory.resolve("taken"));
    Files.writeString(target.resolve("thesis.tex"), "years of work");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> WeightFiles.write(MODEL, Weights.of(weights), LABELS, target))
        .withMessage(
            "%s: holds something that mlit did not write, it is not overwritten: thesis.tex",
            target);
    assertThat(target.resolve("thesis.tex")).hasContent("years of work");
    assertThat(target).isDirectoryNotContaining(p -> !p.endsWith("thesis.tex"));
  }

  @Test
  void aTensorIsMissing() throws IOException {
    weights.remove("encoder/block_1/attention/key/bias");
    write();
    refused("encoder.block_1.attention.key.bias: is missing, the model has it as [6]");
  }

  @Test
  void aTensorTooMany() throws IOException {
    weights.put("encoder/block_2/moe_norm/scale", new Array(List.of(1L), new float[1]));
    write();
    refused("encoder.block_2.moe_norm.scale: the model has no such tensor");
  }

  /** As many numbers, but a kernel that PyTorch's own layers keep transposed. */
  @Test
  void aTensorOfAnotherShape() throws IOException {
    weights.put("head/kernel", new Array(List.of(3L, 12L), new float[36]));
    write();
    refused("head.kernel: is [3, 12], must be [12, 3] for the model");
  }

  /** Names with slashes are those of variables in a graph; a file that has both is no model's. */
  @Test
  void aNameWithSlashesIsAnother() throws IOException {
    write();
    String text = Files.readString(file, ISO_8859_1);
    Files.writeString(file, text.replace("\"head.bias\"", "\"head/bias\""), ISO_8859_1);
    refused(
        "head.bias: is missing, the model has it as [3]",
        "head/bias: the model has no such tensor");
  }

  /** Integers of as many bytes as the floats that belong there, and whatever else is wrong. */
  @Test
  void everyProblemIsListed() throws IOException {
    weights.remove("class_token");
    weights.put("head/kernel", new Array(List.of(36L), new float[36]));
    weights.put("optimizer/step", new Array(List.of(), new float[1]));
    write();
    String text = Files.readString(file, ISO_8859_1);
    Files.writeString(
        file,
        text.replace("\"head.bias\":{\"dtype\":\"F32\"", "\"head.bias\":{\"dtype\":\"I32\""),
        ISO_8859_1);
    refused(
        "head.bias: dtype \"I32\" must be F32, F64, F16 or BF16",
        "class_token: is missing, the model has it as [1, 1, 12]",
        "head.kernel: is [36], must be [12, 3] for the model",
        "optimizer.step: the model has no such tensor");
  }

  @Test
  void aDamagedFile() throws IOException {
    write();
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Mlit.importWeights(file, MODEL, LABELS, directory.resolve("model")))
        .withMessageContaining("the file may be truncated");
    assertThat(directory).isDirectoryNotContaining(path -> !path.equals(file));
  }

  // ---- names with something in front

  /** What {@code DataParallel}, {@code torch.compile} and Lightning put there. */
  @ParameterizedTest
  @ValueSource(strings = {"module.", "model.", "_orig_mod.", "module._orig_mod."})
  void whatAllNamesBeginWithIsTakenOff(String prefix) throws IOException {
    write(prefix);

    assertThat(valuesOf(WeightFiles.read(MODEL, file).arrays())).isEqualTo(valuesOf(weights));
    assertThat(valuesOf(WeightFiles.read(file).arrays())).isEqualTo(valuesOf(weights));
    Path model = directory.resolve("model");
    ModelImport.Result result = ModelImport.of(file).model(MODEL).labels(LABELS).to(model);
    assertThat(result.prefix()).isEqualTo(prefix);
    assertThat(result.others()).isEmpty();
    assertThat(valuesOf(WeightFiles.read(model).arrays())).isEqualTo(valuesOf(weights));
  }

  @Test
  void problemsAreNamedAsInTheFile() throws IOException {
    weights.put("head/bias", new Array(List.of(4L), new float[4]));
    weights.put("step", new Array(List.of(), new float[1]));
    weights.remove("encoder/norm/scale");
    write("module.");
    refused(
        "module.encoder.norm.scale: is missing, the model has it as [12]",
        "module.head.bias: is [4], must be [3] for the model",
        "module.step: the model has no such tensor");
  }

  /** As in a checkpoint of a training, or of a model and the average of its weights. */
  @Test
  void aPartOfAFileIsTakenWhenItIsNamed() throws IOException {
    Map<String, Array> file = new LinkedHashMap<>();
    weights.forEach((name, array) -> file.put("teacher/" + name, array));
    Random random = new Random(2);
    weights.replaceAll((name, array) -> array(random, array.shape()));
    weights.forEach((name, array) -> file.put("student/" + name, array));
    file.put("step", new Array(List.of(), new float[1]));
    Safetensors.write(this.file, Weights.of(file));

    refused(
        "holds all variables of the model behind student. and behind teacher., beside others:"
            + " ModelImport.rename(\"student.\", \"\") takes those and leaves out all else");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> WeightFiles.read(this.file))
        .withMessage(
            this.file
                + ": holds the variables of a model behind student. and behind teacher., beside"
                + " others; ModelImport makes a SavedModel of those that"
                + " ModelImport.rename(\"student.\", \"\") names");

    ModelImport.Result result = imported(importing().rename("student.", ""));
    assertThat(result.prefix()).isEmpty();
    assertThat(result.others())
        .hasSize(weights.size() + 1)
        .contains("step []", "teacher.head.bias [3]");
  }

  @Test
  void partsOfAModelMayLieBehindDifferentNames() throws IOException {
    Map<String, Array> names = new LinkedHashMap<>();
    weights.forEach((name, array) -> names.put("backbone/" + name, array));
    names.put("fc/w", names.remove("backbone/head/kernel"));
    names.put("head/bias", names.remove("backbone/head/bias"));
    Map<String, Array> blocks = new LinkedHashMap<>();
    names.forEach((name, array) -> blocks.put(name.replace("backbone/encoder/", "layers/"), array));
    Safetensors.write(file, Weights.of(blocks));

    imported(
        importing()
            .rename("backbone/", "")
            .rename("layers.", "encoder.")
            .rename("fc.w", "head.kernel"));
  }

  @Test
  void whatIsNotThereIsNotRenamed() throws IOException {
    weights.remove("head/bias");
    write("student.");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                imported(
                    importing()
                        .rename("student.", "")
                        .rename("x.y", "z")
                        .rename("a", "class_token")))
        .withMessage(
            "%s: z: the model has no such variable to rename x.y to"
                + "\n%s: a: is not there, to be renamed to class_token"
                + "\n%s: student.head.bias: is not there, to be renamed to head/bias",
            file, file, file);
  }

  @ParameterizedTest
  @CsvSource({"module., head.kernel", "head.kernel, module.", "head.kernel, ''", "'', head.kernel"})
  void aNameIsNotRenamedToABeginning(String from, String to) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ModelImport.of(file).rename(from, to))
        .withMessage(
            from
                + "="
                + to
                + " must be NAME=VARIABLE, such as dense/kernel=head/kernel, or PREFIX=, such as"
                + " module.=");
  }

  private ModelImport importing() {
    return ModelImport.of(file).model(MODEL).labels(LABELS);
  }

  private ModelImport.Result imported(ModelImport anImport) {
    Path model = directory.resolve("model");
    ModelImport.Result result = anImport.to(model);
    assertThat(valuesOf(WeightFiles.read(model).arrays())).isEqualTo(valuesOf(weights));
    return result;
  }

  private void write(String prefix) throws IOException {
    Map<String, Array> prefixed = new LinkedHashMap<>();
    weights.forEach((name, array) -> prefixed.put(prefix + name, array));
    Safetensors.write(file, Weights.of(prefixed));
  }

  /** Such as a training that has diverged leaves: every answer would be NaN, with exit status 0. */
  @Test
  void weightsThatAreNotFiniteAreRefusedByName() throws IOException {
    weights.put("head/bias", new Array(List.of(3L), new float[] {0, Float.POSITIVE_INFINITY, 1}));
    weights.put("encoder/norm/scale", new Array(List.of(12L), filled(Float.NaN)));
    Safetensors.write(file, Weights.of(weights));
    for (Runnable reading :
        List.<Runnable>of(
            () -> WeightFiles.read(MODEL, file),
            () -> WeightFiles.read(file),
            () -> ModelImport.of(file).model(MODEL).to(directory.resolve("model")))) {
      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(reading::run)
          .withMessage(
              "%s: encoder/norm/scale: has 12 values that are not finite (NaN), must have numbers\n"
                  + "%s: head/bias: has 1 value that is not finite (Infinity), must have numbers",
              file, file);
    }
    assertThat(directory.resolve("model")).doesNotExist();
  }

  private static float[] filled(float value) {
    float[] values = new float[12];
    Arrays.fill(values, value);
    return values;
  }
}
