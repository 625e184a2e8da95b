package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.weights.Weights;
import dev.mlit.weights.Weights.Array;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Imports of checkpoints that do not fit, or fit under other names. What Python itself writes is
 * imported in {@link PythonTest}. If this fails, weights of another model, or of another variable
 * of the same shape, become this one's; or a user learns of one problem at a time.
 */
class CheckpointImportTest {
  @TempDir private Path directory;
  private Path prefix = Path.of("");
  private final Map<String, Array> weights = new LinkedHashMap<>();

  @BeforeEach
  void drawWeights() throws IOException {
    prefix = Files.createDirectory(directory.resolve("checkpoint")).resolve("ckpt-1");
    weights.putAll(RandomModel.weights());
  }

  private ModelImport anImport() {
    Weights.of(weights).write(prefix);
    return ModelImport.of(prefix).model(RandomModel.SPEC).labels(RandomModel.LABELS);
  }

  private ModelImport.Result imported() {
    return anImport().to(directory.resolve("model"));
  }

  private void refused(ModelImport anImport, String... problems) {
    String message = String.join("\n", Stream.of(problems).map(p -> prefix + ": " + p).toList());
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> anImport.to(directory.resolve("model")))
        .withMessage("%s", message);
    assertThat(directory.resolve("model")).doesNotExist();
  }

  private void assertAnswersOf(Map<String, Array> expected) {
    SavedModelWriter.write(
        RandomModel.SPEC,
        Weights.of(expected),
        RandomModel.LABELS,
        ModelCard.imported("test"),
        directory.resolve("expected"));
    float[] images = RandomModel.images(3);
    try (Classifier is = Classifier.load(directory.resolve("model"));
        Classifier must = Classifier.load(directory.resolve("expected"))) {
      assertThat(is.logits(images, 3)).containsExactly(must.logits(images, 3));
      assertThat(is.labels()).isEqualTo(must.labels());
    }
  }

  @Test
  void variablesUnderTheirOwnNamesAreTakenOver() {
    ModelImport.Result result = imported();

    assertThat(result.kind()).isEqualTo("TensorFlow checkpoint");
    assertThat(result.variables()).isEqualTo(weights.size());
    assertThat(result.others()).isEmpty();
    assertAnswersOf(weights);
  }

  /** An optimizer's state has a variable's name in it, and its shape. */
  @Test
  void whatTheModelHasNotIsLeftOut() {
    Map<String, Array> model = Map.copyOf(weights);
    Array other = new Array(List.of(3L), new float[] {7, 7, 7});
    weights.put("head/bias/adam_m", other);
    weights.put("adam/head/bias/v", other);
    weights.put("step", new Array(List.of(), new float[1]));

    assertThat(imported().others())
        .containsExactlyInAnyOrder("head/bias/adam_m [3]", "adam/head/bias/v [3]", "step []");
    assertAnswersOf(model);
  }

  @Test
  void aModuleMayStandInFrontOfTheNames() {
    Map<String, Array> model = Map.copyOf(weights);
    weights.clear();
    model.forEach((name, array) -> weights.put("classifier/backbone/" + name, array));

    imported();

    assertAnswersOf(model);
  }

  /** Keras names its variables so. */
  @Test
  void namesMayHaveUnderscoresForSlashes() {
    Map<String, Array> model = Map.copyOf(weights);
    weights.clear();
    model.forEach((name, array) -> weights.put(name.replace('/', '_') + ":0", array));

    imported();

    assertAnswersOf(model);
  }

  @Test
  void theExactNameIsPreferred() {
    Map<String, Array> model = Map.copyOf(weights);
    weights.put("teacher/head/bias", new Array(List.of(3L), new float[] {7, 7, 7}));

    imported();

    assertAnswersOf(model);
  }

  @Test
  void aVariableThatIsThereTwiceWithOtherValuesIsNotGuessed() {
    Array bias = weights.remove("head/bias");
    weights.put("student/head/bias", bias);
    weights.put("teacher/head/bias", new Array(List.of(3L), new float[] {7, 7, 7}));

    refused(
        anImport(),
        "head/bias: is there 2 times, with different values: student/head/bias, teacher/head/bias");
    anImport().rename("student/head/bias", "head/bias").to(directory.resolve("model"));

    weights.put("head/bias", bias);
    weights.remove("student/head/bias");
    weights.remove("teacher/head/bias");
    assertAnswersOf(weights);
  }

  @Test
  void oneOfTwoModelsIsTakenByWhatItsNamesBeginWith() {
    Map<String, Array> model = Map.copyOf(weights);
    weights.clear();
    model.forEach(
        (name, array) -> {
          float[] others = array.values().clone();
          others[0]++;
          weights.put("student/" + name, array);
          weights.put("teacher/" + name, new Array(array.shape(), others));
        });

    ModelImport.Result result = anImport().rename("student/", "").to(directory.resolve("model"));

    assertThat(result.others()).hasSize(model.size()).contains("teacher/head/bias [3]");
    assertAnswersOf(model);
    weights.remove("student/head/bias");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> anImport().rename("student/", "").to(directory.resolve("model")))
        .withMessageStartingWith(
            prefix
                + ": student/head/bias: is not there, to be renamed to head/bias\n"
                + prefix
                + ": these are no variables of the model: ");
  }

  @Test
  void aHeadOfAnotherNameIsTakenWhenItIsNamed() {
    Map<String, Array> model = Map.copyOf(weights);
    weights.put("dense/kernel", weights.remove("head/kernel"));
    weights.put("dense/bias", weights.remove("head/bias"));

    refused(
        anImport(),
        "head/kernel: is missing, the model has it as [12, 3]",
        "head/bias: is missing, the model has it as [3]",
        "these are no variables of the model: dense/bias [3], dense/kernel [12, 3]");
    anImport()
        .rename("dense/kernel", "head/kernel")
        .rename("dense/bias", "head/bias")
        .to(directory.resolve("model"));

    assertAnswersOf(model);
  }

  @Test
  void everyProblemIsListed() {
    weights.remove("class_token");
    weights.put("head/kernel", new Array(List.of(3L, 12L), new float[36]));
    weights.put("encoder/norm/bias", new Array(List.of(13L), new float[13]));

    refused(
        anImport().rename("dense/bias", "head/bias").rename("class_token", "class_tokens"),
        "dense/bias: is not there, to be renamed to head/bias",
        "class_tokens: the model has no such variable to rename class_token to",
        "class_token: is missing, the model has it as [1, 1, 12]",
        "encoder/norm/bias: is [13], must be [12] for the model",
        "head/kernel: is [3, 12], must be [12, 3] for the model",
        "these are no variables of the model: head/bias [3]");
  }

  @Test
  void labelsThatDoNotFitTheHead() {
    Weights.of(weights).write(prefix);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                ModelImport.of(prefix)
                    .model(RandomModel.SPEC)
                    .labels(List.of("one"))
                    .to(directory.resolve("model")))
        .withMessage("1 labels, must be one per class: 3");
  }

  @Test
  void withoutADescriptionOfTheModel() {
    Weights.of(weights).write(prefix);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ModelImport.of(prefix).to(directory.resolve("model")))
        .withMessage(
            "%s: what the weights are for must be given (ModelImport.model), as there is no spec.yaml",
            prefix);
  }

  @Test
  void theLatestCheckpointOfADirectory() throws IOException {
    Weights.of(weights).write(prefix);
    Files.writeString(
        prefix.resolveSibling("checkpoint"),
        "model_checkpoint_path: \"ckpt-1\"\nall_model_checkpoint_paths: \"ckpt-0\"\n");

    ModelImport.of(directory.resolve("checkpoint"))
        .model(RandomModel.SPEC)
        .labels(RandomModel.LABELS)
        .to(directory.resolve("model"));

    assertAnswersOf(weights);
  }

  @Test
  void aTruncatedIndex() throws IOException {
    Weights.of(weights).write(prefix);
    Path index = prefix.resolveSibling("ckpt-1.index");
    byte[] bytes = Files.readAllBytes(index);
    Files.write(index, Arrays.copyOf(bytes, bytes.length - 1));

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () -> ModelImport.of(prefix).model(RandomModel.SPEC).to(directory.resolve("model")))
        .withMessageStartingWith(prefix + ": a damaged checkpoint: ");
    assertThat(directory.resolve("model")).doesNotExist();
  }

  @Test
  void truncatedValues() throws IOException {
    Weights.of(weights).write(prefix);
    Path data = prefix.resolveSibling("ckpt-1.data-00000-of-00001");
    byte[] bytes = Files.readAllBytes(data);
    Files.write(data, Arrays.copyOf(bytes, bytes.length - 1));

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () -> ModelImport.of(prefix).model(RandomModel.SPEC).to(directory.resolve("model")))
        .withMessageStartingWith(prefix + ": a damaged checkpoint: ");
  }

  @Test
  void whatIsNoWeights() throws IOException {
    Path empty = Files.createDirectory(directory.resolve("empty"));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ModelImport.of(empty))
        .withMessage(
            "%s: must be a SavedModel (it has no saved_model.pb), a checkpoint's prefix or a"
                + " safetensors file",
            empty);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ModelImport.of(directory.resolve("model.keras")))
        .withMessageContaining("save with tf.saved_model.save or model.export");
  }
}
