package dev.mlit.savedmodel;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.mlit.files.Disk;
import dev.mlit.files.ModelLayout;
import dev.mlit.files.WholeDirectory;
import dev.mlit.model.Autoencoder;
import dev.mlit.model.VisionTransformer;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.tensorflow.Tensors;
import dev.mlit.weights.GraphSpec;
import dev.mlit.weights.ModelConfig;
import dev.mlit.weights.ModelSums;
import dev.mlit.weights.Saver;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import dev.mlit.weights.Weights;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.proto.VariableDef;
import org.tensorflow.types.TFloat32;

/**
 * Writes SavedModels that Python can run, read and fine-tune.
 *
 * <p>TensorFlow Java's own exporter knows only reference variables: in Python such a model has no
 * variables. Here every resource variable is in the collections {@code variables} and {@code
 * trainable_variables}, and the graph has the save and restore operations that a {@code SaverDef}
 * names: so TensorFlow 1's loaders, those of Java and C++ among them, find it. Beside the graph are
 * the objects and functions of TensorFlow 2, which Python's loader takes in its place.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class SavedModelWriter {
  private static final long SCHEMA_VERSION = 1;
  private static final String PREDICT = "tensorflow/serving/predict";

  private SavedModelWriter() {}

  /**
   * Checks that a SavedModel may be written to a directory: it is new, empty, or holds an earlier
   * SavedModel of mlit; and that it can be, by the permissions and the disk.
   *
   * @throws InvalidInputException if it holds anything else, if only one file, or cannot be written
   */
  public static void requireReplaceable(Path directory) {
    place(directory).requireReplaceable();
  }

  private static WholeDirectory place(Path directory) {
    return WholeDirectory.at(
        directory, Set.copyOf(ModelLayout.SAVED_MODEL), Set.copyOf(ModelLayout.REQUIRED));
  }

  /**
   * Writes a SavedModel; what is in the directory is replaced when all is written, and kept if
   * anything fails.
   *
   * @param model the model
   * @param checkpoint the prefix of a checkpoint's files, with every variable of the model
   * @param labels the names of the classes
   * @param card what its README.md says
   * @throws InvalidInputException if the directory holds something that is not of a SavedModel of
   *     mlit, or cannot be written
   * @throws dev.mlit.files.NotWrittenException if the disk does not take it
   */
  public static void write(
      ModelSpec model, Path checkpoint, List<String> labels, ModelCard card, Path directory) {
    replace(directory, unfinished -> writeInto(unfinished, model, checkpoint, labels, card));
  }

  /** Replaces the directory. TensorFlow's exceptions of a full disk become those of Java. */
  private static void replace(Path directory, WholeDirectory.Content content) {
    place(directory)
        .replace(
            unfinished -> {
              try {
                content.write(unfinished);
              } catch (TensorFlowException e) {
                throw new IOException(e.getMessage(), e);
              }
            });
  }

  /** Writes into an empty directory. */
  private static void writeInto(
      Path unfinished, ModelSpec model, Path checkpoint, List<String> labels, ModelCard card)
      throws IOException {
    writeModel(model, checkpoint, unfinished);
    Files.writeString(unfinished.resolve(ModelLayout.SPEC), Specs.yaml(model));
    if (!model.isAutoencoder()) {
      Files.write(unfinished.resolve(ModelLayout.LABELS), labels);
    }
    ModelConfig.write(model, labels, unfinished);
    Files.writeString(unfinished.resolve(ModelLayout.CARD), card.markdown(model, labels));
    ModelSums.write(unfinished);
  }

  /**
   * Writes a SavedModel with weights from elsewhere; as {@link #write(ModelSpec, Path, List,
   * ModelCard, Path)}.
   */
  public static void write(
      ModelSpec model, Weights weights, List<String> labels, ModelCard card, Path directory) {
    replace(
        directory,
        unfinished -> {
          // Beside the model, as the temporary directory may be full.
          Path checkpoint = Files.createDirectory(unfinished.resolve("checkpoint"));
          weights.write(checkpoint.resolve("variables"));
          writeInto(unfinished, model, checkpoint.resolve("variables"), labels, card);
          Disk.delete(checkpoint);
        });
  }

  private static void writeModel(ModelSpec model, Path checkpoint, Path directory)
      throws IOException {
    Sessions.load();
    try (Graph graph = new Graph()) {
      Variables variables = Variables.restored(graph);
      Map<String, SignatureDef> signatures =
          model.isAutoencoder()
              ? signatures(graph, new Autoencoder(graph, model, variables))
              : signatures(graph, new VisionTransformer(graph, model, variables));
      List<SignatureFunction> functions =
          new TreeMap<>(signatures)
              .entrySet().stream()
                  .map(
                      each ->
                          SignatureFunction.of(
                              graph, each.getKey(), each.getValue(), variables.all()))
                  .toList();
      ObjectGraph objects = new ObjectGraph(variables.all(), functions);
      Saver saver = Saver.ofObjects(graph, "save", variables.all(), objects.trackable());
      GraphDef.Builder operations = graph.toGraphDef().toBuilder();
      functions.forEach(f -> operations.getLibraryBuilder().addFunction(f.definition()));
      MetaGraphDef.Builder metaGraph =
          MetaGraphDef.newBuilder()
              .setMetaInfoDef(
                  MetaGraphDef.MetaInfoDef.newBuilder()
                      .addTags("serve")
                      .setTensorflowVersion(TensorFlow.version()))
              .setGraphDef(operations)
              .setSaverDef(saver.def())
              .putAllSignatureDef(signatures)
              .putCollectionDef("variables", collection(variables.all()))
              .putCollectionDef("trainable_variables", collection(variables.all()))
              .setObjectGraphDef(objects.saved());
      GraphSpec.put(metaGraph, model);
      writeInOrder(
          SavedModel.newBuilder()
              .setSavedModelSchemaVersion(SCHEMA_VERSION)
              .addMetaGraphs(metaGraph)
              .build(),
          directory.resolve(ModelLayout.GRAPH));
      // In the graph only: a run's checkpoints have other names for the same variables.
      Saver trained = new Saver(graph, "trained", variables.all());
      Path files = directory.resolve(ModelLayout.VARIABLES);
      Files.createDirectories(files.getParent());
      try (Session session = Sessions.open(graph, 0)) {
        trained.restore(session, checkpoint);
        saver.save(session, files);
      }
    }
  }

  /** Writes the same bytes for the same model: the entries of maps in the order of their keys. */
  private static void writeInOrder(SavedModel model, Path file) throws IOException {
    try (OutputStream bytes = Files.newOutputStream(file)) {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.useDeterministicSerialization();
      model.writeTo(out);
      out.flush();
    }
  }

  private static Map<String, SignatureDef> signatures(Graph graph, VisionTransformer model) {
    ModelSpec spec = model.spec();
    Ops tf = Operations.of(graph);
    Operand<TFloat32> images = images(tf, spec.image());
    VisionTransformer.Inference result = model.infer(images);
    Map<String, TensorInfo> inputs = Map.of("images", info(images, images.shape()));
    return Map.of(
        "serving_default",
        signature(
            inputs,
            Map.of(
                "logits", output(tf, "logits", result.logits(), spec.classes()),
                "probabilities",
                    output(tf, "probabilities", result.probabilities(), spec.classes()))),
        "features",
        signature(inputs, features(tf, spec, result.features(), result.tokens())));
  }

  private static Map<String, SignatureDef> signatures(Graph graph, Autoencoder model) {
    ModelSpec spec = model.spec();
    Ops tf = Operations.of(graph);
    Operand<TFloat32> images = images(tf, spec.image());
    Shape masks = Shape.of(Shape.UNKNOWN_SIZE, spec.patches());
    Operand<TFloat32> noise =
        tf.withName("noise").placeholder(TFloat32.class, Placeholder.shape(masks));
    Autoencoder.Reconstruction painted = model.reconstruct(images, noise);
    Autoencoder.Features result = model.features(images);
    TensorInfo input = info(images, images.shape());
    return Map.of(
        "reconstruct",
        signature(
            Map.of("images", input, "noise", info(noise, masks)),
            Map.of(
                "patches",
                    output(tf, "patches", painted.patches(), spec.patches(), spec.patchValues()),
                "mask", output(tf, "mask", painted.mask(), spec.patches()))),
        "features",
        signature(Map.of("images", input), features(tf, spec, result.features(), result.tokens())));
  }

  private static Operand<TFloat32> images(Ops tf, ImageShape image) {
    return tf.withName("images")
        .placeholder(TFloat32.class, Placeholder.shape(Tensors.images(image)));
  }

  private static Map<String, TensorInfo> features(
      Ops tf, ModelSpec spec, Operand<TFloat32> features, Operand<TFloat32> tokens) {
    return Map.of(
        "features", output(tf, "features", features, spec.embedding()),
        "tokens", output(tf, "tokens", tokens, spec.tokens(), spec.embedding()));
  }

  private static SignatureDef signature(
      Map<String, TensorInfo> inputs, Map<String, TensorInfo> outputs) {
    return SignatureDef.newBuilder()
        .setMethodName(PREDICT)
        .putAllInputs(inputs)
        .putAllOutputs(outputs)
        .build();
  }

  /** Gives an output a name that stays whatever the model is made of. */
  private static TensorInfo output(
      Ops tf, String name, Operand<TFloat32> value, long... sizesAfterBatch) {
    return info(
        tf.withName(name).identity(value),
        Shape.of(Shape.UNKNOWN_SIZE).append(Shape.of(sizesAfterBatch)));
  }

  private static TensorInfo info(Operand<TFloat32> tensor, Shape shape) {
    TensorShapeProto.Builder sizes = TensorShapeProto.newBuilder();
    for (long size : shape.asArray()) {
      sizes.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return TensorInfo.newBuilder()
        .setName(tensor.asOutput().op().name() + ":" + tensor.asOutput().index())
        .setDtype(DataType.DT_FLOAT)
        .setTensorShape(sizes)
        .build();
  }

  private static CollectionDef collection(List<Variable> variables) {
    CollectionDef.BytesList.Builder list = CollectionDef.BytesList.newBuilder();
    for (Variable variable : variables) {
      list.addValue(ByteString.copyFrom(definition(variable).toByteArray()));
    }
    return CollectionDef.newBuilder().setBytesList(list).build();
  }

  private static VariableDef definition(Variable variable) {
    return VariableDef.newBuilder()
        .setVariableName(variable.name() + ":0")
        .setInitializerName(variable.initializer().op().name())
        .setSnapshotName(variable.value().asOutput().op().name() + ":0")
        .setIsResource(true)
        .setTrainable(true)
        .build();
  }
}
