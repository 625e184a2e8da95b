package dev.mlit.savedmodel;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.Mlit;
import dev.mlit.graph.Weights;
import dev.mlit.graph.Weights.Array;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import dev.mlit.testing.TinyData;
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
    Weights.shapesOf(MODEL).forEach((name, shape) -> weights.put(name, array(random, shape)));
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
