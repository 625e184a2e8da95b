package dev.mlit.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.mlit.Mlit;
import dev.mlit.savedmodel.RandomModel;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import dev.mlit.spec.VariableShapes;
import dev.mlit.testing.TinyData;
import dev.mlit.train.EpochChoice;
import dev.mlit.weights.Weights;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is in an ONNX file, and where one may be written. If this fails, a user's file is
 * overwritten, half a model is left, or a program finds neither the names of the classes nor the
 * outputs that the documentation promises.
 */
class OnnxFileTest {
  private static final ModelSpec MODEL = TinyData.model();
  private static final ModelSpec AUTOENCODER =
      ModelSpec.builder("tiny-autoencoder")
          .image(8, 8, 1)
          .patch(4)
          .embedding(12)
          .attention(2, 1)
          .stage(1, 3)
          .hidden(8, 8)
          .mask(0.5)
          .decoder(1, 8, 6, 2, 2, 1)
          .build();
  private static final List<String> LABELS = List.of("up", "down", "dark");

  @TempDir private Path directory;

  private Path write(ModelSpec model, Set<OnnxOutput> outputs) {
    Path file = directory.resolve(model.name() + ".onnx");
    List<String> labels = model.isAutoencoder() ? List.of() : LABELS;
    OnnxFile.write(model, Weights.of(DrawnWeights.of(model, 1)), labels, outputs, file);
    return file;
  }

  private static ModelProto read(Path file) throws IOException {
    return ModelProto.parseFrom(Files.readAllBytes(file));
  }

  private static Map<String, String> sizes(List<ValueInfoProto> values) {
    return values.stream()
        .collect(
            Collectors.toMap(
                ValueInfoProto::getName,
                value ->
                    value.getType().getTensorType().getShape().getDimList().stream()
                        .map(
                            size ->
                                size.getDimParam() + (size.hasDimValue() ? size.getDimValue() : ""))
                        .collect(Collectors.joining(" "))));
  }

  @Test
  void inputsAndOutputsAreThoseOfTheSignaturesOfAnyBatchSize() throws IOException {
    ModelProto model = read(write(MODEL, OnnxOutput.usualOf(MODEL)));

    assertThat(sizes(model.getGraph().getInputList())).isEqualTo(Map.of("images", "batch 8 8 1"));
    assertThat(sizes(model.getGraph().getOutputList()))
        .isEqualTo(
            Map.of(
                "logits", "batch 3",
                "probabilities", "batch 3",
                "features", "batch 12",
                "tokens", "batch 5 12"));
    assertThat(model.getGraph().getOutput(0).getName())
        .as("what programs take that read the first output")
        .isEqualTo("logits");
  }

  @Test
  void anAutoencoderHasReconstructionsUnlessFeaturesAreAskedFor() throws IOException {
    ModelProto usual = read(write(AUTOENCODER, OnnxOutput.usualOf(AUTOENCODER)));
    assertThat(sizes(usual.getGraph().getInputList()))
        .isEqualTo(Map.of("images", "batch 8 8 1", "noise", "batch 4"));
    assertThat(sizes(usual.getGraph().getOutputList()))
        .isEqualTo(Map.of("patches", "batch 4 16", "mask", "batch 4"));

    ModelProto features = read(write(AUTOENCODER, EnumSet.of(OnnxOutput.FEATURES)));
    assertThat(sizes(features.getGraph().getInputList()).keySet()).containsExactly("images");
    assertThat(sizes(features.getGraph().getOutputList()))
        .isEqualTo(Map.of("features", "batch 12"));
    assertThat(features.getGraph().getInitializerList())
        .as("weights that nothing reads")
        .noneMatch(weight -> weight.getName().startsWith("decoder/"));
  }

  /** Gate noise is for training. */
  @Test
  void everyVariableIsThereOnceByItsNameWithItsValues() throws IOException {
    for (ModelSpec spec : List.of(MODEL, AUTOENCODER)) {
      Map<String, Weights.Array> weights = DrawnWeights.of(spec, 1);
      List<TensorProto> found =
          read(write(spec, OnnxOutput.allOf(spec))).getGraph().getInitializerList();

      assertThat(found.stream().map(TensorProto::getName).filter(n -> !n.startsWith("constants/")))
          .containsExactlyInAnyOrderElementsOf(
              VariableShapes.of(spec).keySet().stream()
                  .filter(name -> !name.contains("/moe/noise/"))
                  .toList());
      for (TensorProto tensor : found) {
        Weights.Array array = weights.get(tensor.getName());
        if (array != null) {
          float[] values = new float[array.values().length];
          tensor
              .getRawData()
              .asReadOnlyByteBuffer()
              .order(ByteOrder.LITTLE_ENDIAN)
              .asFloatBuffer()
              .get(values);
          assertThat(tensor.getDimsList()).as(tensor.getName()).isEqualTo(array.shape());
          assertThat(values).as(tensor.getName()).containsExactly(array.values());
        }
      }
    }
  }

  @Test
  void metadataSayWhatTheModelIsAndHowAPictureBecomesItsInput() throws IOException {
    ModelProto model = read(write(MODEL, OnnxOutput.usualOf(MODEL)));
    Map<String, String> metadata =
        model.getMetadataPropsList().stream()
            .collect(
                Collectors.toMap(StringStringEntryProto::getKey, StringStringEntryProto::getValue));

    assertThat(model.getProducerName()).isEqualTo("mlit");
    assertThat(model.getProducerVersion()).isNotEmpty().isNotEqualTo("unknown");
    assertThat(model.getIrVersion()).isEqualTo(8);
    assertThat(model.getOpsetImportList()).hasSize(1).first().matches(o -> o.getVersion() == 17);
    assertThat(metadata).containsOnlyKeys("spec", "labels", "preprocess");
    assertThat(String.valueOf(metadata.get("labels")).lines())
        .containsExactly("up", "down", "dark");
    assertThat(Specs.modelOf(String.valueOf(metadata.get("spec")), "spec")).isEqualTo(MODEL);
    assertThat(metadata.get("preprocess"))
        .startsWith("images: float32 [batch, 8, 8, 1] in [0, 1], gray, byte / 255.");
  }

  @Test
  void twoFilesOfOneModelAreTheSameBytes() throws IOException {
    byte[] first = Files.readAllBytes(write(MODEL, OnnxOutput.usualOf(MODEL)));

    assertThat(write(MODEL, OnnxOutput.usualOf(MODEL))).hasBinaryContent(first);
  }

  // ---- Where it may be written ----

  @Test
  void directoriesAreMadeAsForOtherExports() {
    Path file = directory.resolve("new/folder/model.onnx");
    RandomModel.write(directory.resolve("savedmodel"));

    Mlit.exportOnnx(directory.resolve("savedmodel"), file);

    assertThat(file).isRegularFile();
  }

  @ParameterizedTest
  @ValueSource(strings = {"model", "model.onnx.pb", "onnx"})
  void anotherEndingIsRefused(String name) {
    Path file = directory.resolve(name);

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> OnnxFile.requireWritable(file))
        .withMessage(file + ": must end with .onnx, as one file is written");
  }

  @Test
  void aDirectoryIsRefused() throws IOException {
    Path file = Files.createDirectory(directory.resolve("model.onnx"));

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> OnnxFile.requireWritable(file))
        .withMessage(file + ": is a directory, must be a file");
  }

  @Test
  void whatMlitDidNotWriteIsNotOverwritten() throws IOException {
    byte[] ofAnother =
        ModelProto.newBuilder().setIrVersion(8).setProducerName("pytorch").build().toByteArray();
    for (byte[] content :
        List.of(ofAnother, new byte[] {8}, "notes".getBytes(StandardCharsets.US_ASCII))) {
      Path file = Files.write(directory.resolve("tiny.onnx"), content);

      assertThatExceptionOfType(InvalidInputException.class)
          .isThrownBy(() -> write(MODEL, OnnxOutput.usualOf(MODEL)))
          .withMessage(file + ": is a file that mlit did not write, it is not overwritten");
      assertThat(file).hasBinaryContent(content);
    }
  }

  @Test
  void anEmptyFileAndAnEarlierExportAreReplaced() throws IOException {
    Files.createFile(directory.resolve("tiny.onnx"));

    write(MODEL, EnumSet.of(OnnxOutput.FEATURES));
    Path file = write(MODEL, EnumSet.of(OnnxOutput.LOGITS));

    assertThat(sizes(read(file).getGraph().getOutputList())).containsOnlyKeys("logits");
  }

  @Test
  void theEarlierFileStaysWhereWeightsAreMissing() throws IOException {
    Path file = write(MODEL, OnnxOutput.usualOf(MODEL));
    byte[] before = Files.readAllBytes(file);
    Map<String, Weights.Array> weights = DrawnWeights.of(MODEL, 1);
    weights.remove("head/bias");

    assertThatThrownBy(
            () ->
                OnnxFile.write(MODEL, Weights.of(weights), LABELS, OnnxOutput.usualOf(MODEL), file))
        .hasMessage("no weights for head/bias");
    assertThat(file).hasBinaryContent(before);
    assertThat(directory.toFile().list()).containsExactly("tiny.onnx");
  }

  // ---- What may be asked for ----

  @Test
  void outputsThatAModelHasNotAreNamed() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> write(MODEL, EnumSet.of(OnnxOutput.LOGITS, OnnxOutput.PATCHES)))
        .withMessage(
            "outputs: patches of tiny, a classifier, must be of logits, probabilities, features,"
                + " tokens");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> write(AUTOENCODER, EnumSet.of(OnnxOutput.LOGITS)))
        .withMessage(
            "outputs: logits of tiny-autoencoder, an autoencoder, must be of features, tokens, patches, mask");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> write(MODEL, Set.of()))
        .withMessage(
            "outputs: must be at least one of logits, probabilities, features, tokens, which tiny"
                + " has");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void anUnknownOutputHasASuggestion() {
    assertThat(OnnxOutput.of("probabilities")).isEqualTo(OnnxOutput.PROBABILITIES);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> OnnxOutput.of("feature"))
        .withMessage(
            "feature: unknown output; did you mean features? Known: logits, probabilities, features,"
                + " tokens, patches, mask");
  }

  /** Protobuf's messages have at most 2 GiB; without the rule, an export ends in a stack trace. */
  @Test
  void aModelThatNoFileCanHoldIsRefusedBeforeItsWeightsAreRead() {
    ModelSpec large =
        MODEL.toBuilder().embedding(16_384).attention(2, 2).hidden(16_384, 16_384).build();

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                OnnxFile.write(
                    large,
                    Weights.of(Map.of()),
                    LABELS,
                    OnnxOutput.usualOf(large),
                    directory.resolve("large.onnx")))
        .withMessageMatching(
            "tiny: has [\\d,]+ parameters, must have at most 520,093,695 in an ONNX file, which has"
                + " at most 2 GiB");
  }

  // ---- Tribuo is optional ----

  /** A program that has mlit without the optional library, as a build without it would. */
  @Test
  void withoutTheLibraryTheErrorNamesWhatToAdd() throws Exception {
    List<URL> classPath = new ArrayList<>();
    for (String place :
        List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))) {
      if (!place.contains("tribuo")) {
        classPath.add(Path.of(place).toUri().toURL());
      }
    }
    try (URLClassLoader without =
        new URLClassLoader(classPath.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Class<?> onnxFile = without.loadClass(OnnxFile.class.getName());
      assertThatThrownBy(
              () -> onnxFile.getMethod("requireWritable", Path.class).invoke(null, directory))
          .cause()
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "to write ONNX files, add org.tribuo:tribuo-util-onnx:4.3.2 to the class path");
    }
  }

  @Test
  void theBestEpochOfASavedModelIsRefused() {
    Path model = directory.resolve("savedmodel");
    RandomModel.write(model);

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(
            () ->
                Mlit.exportOnnx(model, EpochChoice.BEST, Set.of(), directory.resolve("model.onnx")))
        .withMessage(model + ": a SavedModel has no epochs to choose from: EpochChoice.BEST");
  }
}
