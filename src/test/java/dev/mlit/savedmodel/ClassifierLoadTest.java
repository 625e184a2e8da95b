package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.weights.WeightFiles;
import dev.mlit.weights.Weights;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;

/**
 * Directories that are no SavedModel, or whose files are not of one model. If this fails, a service
 * starts with a model that answers with the wrong label, or dies of a stack trace that does not say
 * which file to look at.
 */
class ClassifierLoadTest {
  @TempDir private Path temporary;
  private Path directory = Path.of("");

  @BeforeEach
  void write() throws IOException {
    directory = temporary.resolve("model");
    RandomModel.write(directory);
    // As earlier versions left it: with sums, every change is refused for being one.
    Files.delete(directory.resolve("SHA256SUMS"));
  }

  // ---- no SavedModel

  @Test
  void thereIsNoSuchDirectory() {
    directory = temporary.resolve("absent");
    refused("not a SavedModel of mlit, there is no such directory");
  }

  @Test
  void anotherDirectory() throws IOException {
    directory = Files.createDirectory(temporary.resolve("empty"));
    refused("not a SavedModel of mlit, it has no saved_model.pb");
  }

  /** As tf.saved_model.save leaves it. */
  @Test
  void aSavedModelWithoutTheFilesOfMlit() throws IOException {
    Files.delete(directory.resolve("spec.yaml"));
    refused(
        "not a SavedModel of mlit, it has no spec.yaml; ModelImport makes one of what Python saved");
  }

  /** Such as somebody who has trained and takes the run directory. */
  @Test
  void theDirectoryOfARun() throws IOException {
    directory = Files.createDirectory(temporary.resolve("run"));
    Files.writeString(directory.resolve("run.yaml"), "name: run");
    String command =
        "comes by: Mlit.export(Path.of(\"" + directory + "\"), Path.of(\"MODEL_DIR\"))";
    refused(
        "not a SavedModel of mlit, it has no saved_model.pb; it is the directory of a run, whose"
            + " model "
            + command);
    Path model = Files.createDirectory(directory.resolve("savedmodel"));
    refused(
        "not a SavedModel of mlit, it has no saved_model.pb; it is the directory of a run, whose"
            + " model is in "
            + model
            + " or "
            + command);
  }

  /** Java can show the files of a zip as if they were there; only a classifier needs no more. */
  @Test
  void aModelInAZip() throws IOException {
    Path zip = temporary.resolve("model.zip");
    try (FileSystem files = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      Path inside = files.getPath("/model");
      try (Stream<Path> all = Files.walk(directory)) {
        for (Path path : all.toList()) {
          Files.copy(path, inside.resolve(directory.relativize(path).toString()));
        }
      }
      for (ThrowingCallable use :
          List.<ThrowingCallable>of(
              () -> Reconstructor.load(inside),
              () -> Reconstructor.isAutoencoder(inside),
              () -> WeightFiles.read(inside),
              () -> ModelImport.of(inside),
              () -> RandomModel.write(inside))) {
        assertThatExceptionOfType(InvalidInputException.class)
            .isThrownBy(use)
            .withMessage(
                "/model: lies in %s, must be among the machine's own files; copy it there", zip);
      }
    }
  }

  // ---- saved_model.pb

  @Test
  void aFileThatIsEmpty() throws IOException {
    Files.write(directory.resolve("saved_model.pb"), new byte[0]);
    refusedFile("saved_model.pb", "a damaged SavedModel: it has no graph with the tag serve");
  }

  @Test
  void aFileThatLacksItsLastByte() throws IOException {
    Path file = directory.resolve("saved_model.pb");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Classifier.load(directory))
        .withMessageStartingWith(file + ": a damaged SavedModel, it may be truncated: ");
  }

  @Test
  void aFileOfSomethingElse() throws IOException {
    Files.writeString(directory.resolve("saved_model.pb"), "<html>404 not found</html>");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Classifier.load(directory))
        .withMessageContaining("a damaged SavedModel");
  }

  @Test
  void aGraphToTrain() throws IOException {
    change(
        graph ->
            graph.setMetaInfoDef(graph.getMetaInfoDef().toBuilder().clearTags().addTags("train")));
    refusedFile(
        "saved_model.pb", "a damaged SavedModel: it has no graph with the tag serve, but [train]");
  }

  // ---- signatures

  @Test
  void aSignatureIsMissing() throws IOException {
    change(graph -> graph.removeSignatureDef("features"));
    refused("has no signature features");
  }

  @Test
  void aSignatureWithoutAnOutput() throws IOException {
    change(graph -> signature(graph, s -> s.removeOutputs("probabilities")));
    refused("signature serving_default must have images and probabilities");
  }

  @Test
  void aSignatureWithoutImages() throws IOException {
    change(graph -> signature(graph, s -> s.clearInputs()));
    refused(
        "signature serving_default must have images and probabilities",
        "signature serving_default must have images and logits");
  }

  // ---- variables

  @Test
  void variablesAreMissing() throws IOException {
    Map<String, Weights.Array> weights = RandomModel.weights();
    weights.remove("head/bias");
    weights.remove("encoder/norm/scale");
    Weights.of(weights).write(directory.resolve("variables/variables"));
    refused(
        "encoder/norm/scale: is missing, the model has it as [12]",
        "head/bias: is missing, the model has it as [3]");
  }

  @Test
  void theFilesOfTheVariablesAreMissing() throws IOException {
    Path prefix = directory.resolve("variables/variables");
    Files.delete(directory.resolve("variables/variables.index"));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Classifier.load(directory))
        .withMessage("%s", prefix + ": no checkpoint, there is no " + prefix + ".index");
  }

  @Test
  void theValuesOfTheVariablesAreTruncated() throws IOException {
    Path file = directory.resolve("variables/variables.data-00000-of-00001");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Classifier.load(directory))
        .withMessage(
            directory.resolve("variables/variables")
                + ": a damaged checkpoint: "
                + file.getFileName()
                + " has "
                + (bytes.length - 1)
                + " bytes, but _CHECKPOINTABLE_OBJECT_GRAPH ends at byte "
                + bytes.length
                + "; the file may be truncated");
  }

  @Test
  void aVariableThatIsNotFinite() {
    Map<String, Weights.Array> weights = RandomModel.weights();
    weights.put("head/bias", new Weights.Array(List.of(3L), new float[] {1, Float.NaN, 2}));
    Weights.of(weights).write(directory.resolve("variables/variables"));
    refused("head/bias: has 1 value that is not finite (NaN), must have numbers");
  }

  @Test
  void aFileOfALaterVersion() throws IOException {
    Path file = directory.resolve("saved_model.pb");
    SavedModel model = SavedModel.parseFrom(ByteString.copyFrom(Files.readAllBytes(file)));
    Files.write(file, model.toBuilder().setSavedModelSchemaVersion(2).build().toByteArray());
    refusedFile("saved_model.pb", "a damaged SavedModel: its schema version is 2, must be 1");
  }

  // ---- spec.yaml and labels.txt

  /** Of as many patches, so that the variables are the same. */
  @Test
  void aSpecOfOtherImages() throws IOException {
    spec("height: 8", "height: 4", "width: 8", "width: 16");
    refused(
        "signature serving_default.images: is DT_FLOAT [-1, 8, 8, 1], must be DT_FLOAT [-1, 4, 16,"
            + " 1] for the model of spec.yaml",
        "signature features.images: is DT_FLOAT [-1, 8, 8, 1], must be DT_FLOAT [-1, 4, 16, 1] for"
            + " the model of spec.yaml");
  }

  @Test
  void aSpecOfMoreClassesAndTheLabelsOfTheFile() throws IOException {
    spec("classes: 3", "classes: 4");
    refused(
        "labels.txt has 3 labels, must be one per class: 4",
        "signature serving_default.probabilities: is DT_FLOAT [-1, 3], must be DT_FLOAT [-1, 4] for"
            + " the model of spec.yaml",
        "signature serving_default.logits: is DT_FLOAT [-1, 3], must be DT_FLOAT [-1, 4] for the"
            + " model of spec.yaml",
        "head/kernel: is [12, 3], must be [12, 4] for the model",
        "head/bias: is [3], must be [4] for the model");
  }

  /** The same variables and signatures, and another model. */
  @Test
  void aSpecOfAsManyVariablesThatComputesSomethingElse() throws IOException {
    spec("heads: 2", "heads: 4", "groups: 1", "groups: 2");
    refused(
        "spec.yaml has attention.groups: 2, must be 1 as when the graph was made; train and export"
            + " again for another model",
        "spec.yaml has attention.heads: 4, must be 2 as when the graph was made; train and export"
            + " again for another model");
  }

  /** What a model is called changes nothing. */
  @Test
  void aModelMayGetAnotherName() throws IOException {
    spec("name: ", "name: my-");
    assertThatCode(() -> Classifier.load(directory).close()).doesNotThrowAnyException();
  }

  /** As exports of earlier versions are. */
  @Test
  void aGraphThatSaysNothingOfItsSpecIsTakenAtItsWord() throws IOException {
    change(graph -> graph.removeCollectionDef("mlit_spec"));
    assertThatCode(() -> Classifier.load(directory).close()).doesNotThrowAnyException();
  }

  @Test
  void aLabelTooFew() throws IOException {
    Files.write(directory.resolve("labels.txt"), List.of("up", "down"));
    refused("labels.txt has 2 labels, must be one per class: 3");
  }

  @Test
  void aLabelTooMany() throws IOException {
    Files.write(directory.resolve("labels.txt"), List.of("up", "down", "dark", "more", "more"));
    refused("labels.txt has more than 3 labels, must be one per class: 3");
  }

  /** What it would do on a terminal. */
  @Test
  void aLabelWithAControlCharacter() throws IOException {
    Files.write(directory.resolve("labels.txt"), List.of("up", "\u001b[2Jdown", "dark"));
    refusedFile(
        "labels.txt", "line 2 \"?[2Jdown\" must be one line of text without control characters");
  }

  @Test
  void labelsThatAreNoText() throws IOException {
    Files.write(directory.resolve("labels.txt"), new byte[] {(byte) 0xff, 10, 65, 10, 66});
    refusedFile("labels.txt", "must be text in UTF-8, a label a line");
  }

  private void spec(String... replacements) throws IOException {
    Path file = directory.resolve("spec.yaml");
    String text = Files.readString(file);
    for (int i = 0; i < replacements.length; i += 2) {
      if (!text.contains(replacements[i])) {
        throw new AssertionError(replacements[i] + " is not in " + text);
      }
      text = text.replace(replacements[i], replacements[i + 1]);
    }
    Files.writeString(file, text);
  }

  private void change(UnaryOperator<MetaGraphDef.Builder> change) throws IOException {
    Path file = directory.resolve("saved_model.pb");
    SavedModel.Builder model =
        SavedModel.parseFrom(ByteString.copyFrom(Files.readAllBytes(file))).toBuilder();
    model.setMetaGraphs(0, change.apply(model.getMetaGraphs(0).toBuilder()));
    Files.write(file, model.build().toByteArray());
  }

  private static MetaGraphDef.Builder signature(
      MetaGraphDef.Builder graph, UnaryOperator<SignatureDef.Builder> change) {
    SignatureDef.Builder signature = graph.getSignatureDefOrThrow("serving_default").toBuilder();
    return graph.putSignatureDef("serving_default", change.apply(signature).build());
  }

  private void refused(String... problems) {
    refusedAt(directory, problems);
  }

  private void refusedFile(String file, String... problems) {
    refusedAt(directory.resolve(file), problems);
  }

  private void refusedAt(Path place, String... problems) {
    String message = String.join("\n", Stream.of(problems).map(p -> place + ": " + p).toList());
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Classifier.load(directory))
        .withMessage("%s", message);
  }
}
