package dev.mlit.graph;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_CheckpointReaderGetVariable;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_CheckpointReaderGetVariableDataType;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_CheckpointReaderGetVariableNumDims;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_CheckpointReaderGetVariableShape;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_CheckpointReaderSize;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteCheckpointReader;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_NewCheckpointReader;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.mlit.spec.InvalidInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.tensorflow.Graph;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.internal.c_api.TF_CheckpointReader;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TrackableObjectGraphOuterClass.TrackableObjectGraph;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/**
 * The files of a checkpoint, {@code PREFIX.index} and {@code PREFIX.data-...}: what is in them,
 * whoever wrote them.
 */
public final class Checkpoint {
  /** Where {@code tf.train.Checkpoint} and {@code tf.saved_model.save} keep their object graph. */
  private static final String OBJECTS = "_CHECKPOINTABLE_OBJECT_GRAPH";

  private final Path prefix;
  private final Map<String, Tensor> tensors;

  private Checkpoint(Path prefix, Map<String, Tensor> tensors) {
    this.prefix = prefix;
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /**
   * What the files say of a tensor.
   *
   * @param type of its elements
   * @param shape its sizes
   */
  public record Tensor(DataType type, List<Long> shape) {
    public Tensor {
      shape = List.copyOf(shape);
    }

    /** True if its values can be read: float32, or what becomes float32. */
    public boolean isFloat() {
      return switch (type) {
        case DT_FLOAT, DT_DOUBLE, DT_HALF, DT_BFLOAT16 -> true;
        default -> false;
      };
    }
  }

  /** True if there is a checkpoint of this prefix. */
  public static boolean exists(Path prefix) {
    return Files.isRegularFile(index(prefix));
  }

  private static Path index(Path prefix) {
    return prefix.resolveSibling(prefix.getFileName() + ".index");
  }

  /**
   * Reads which tensors there are.
   *
   * @throws InvalidInputException if there is no checkpoint of this prefix, or it is damaged
   */
  @SuppressWarnings("try") // The scope is used by being open: it frees the native objects.
  public static Checkpoint open(Path prefix) {
    if (!exists(prefix)) {
      throw new InvalidInputException(prefix + ": no checkpoint, there is no " + index(prefix));
    }
    Sessions.load();
    try (PointerScope scope = new PointerScope()) {
      TF_Status status = TF_Status.newStatus();
      TF_CheckpointReader reader = TF_NewCheckpointReader(prefix.toString(), status);
      status.throwExceptionIfNotOK();
      try {
        Map<String, Tensor> tensors = new TreeMap<>();
        for (int i = 0; i < TF_CheckpointReaderSize(reader); i++) {
          String name = TF_CheckpointReaderGetVariable(reader, i).getString();
          tensors.put(name, tensor(reader, name, status));
        }
        return new Checkpoint(prefix, tensors);
      } finally {
        TF_DeleteCheckpointReader(reader);
      }
    } catch (TensorFlowException e) {
      throw unreadable(prefix, e);
    }
  }

  private static Tensor tensor(TF_CheckpointReader reader, String name, TF_Status status) {
    int type = TF_CheckpointReaderGetVariableDataType(reader, name);
    long[] sizes = new long[Math.max(0, TF_CheckpointReaderGetVariableNumDims(reader, name))];
    TF_CheckpointReaderGetVariableShape(reader, name, sizes, sizes.length, status);
    status.throwExceptionIfNotOK();
    DataType known = DataType.forNumber(type);
    return new Tensor(
        known == null ? DataType.DT_INVALID : known, Arrays.stream(sizes).boxed().toList());
  }

  private static InvalidInputException unreadable(Path prefix, TensorFlowException e) {
    return new InvalidInputException(
        prefix + ": a damaged checkpoint: " + InvalidInputException.firstLine(e), e);
  }

  /** The tensors by their names in the files, but for the object graph. */
  public Map<String, Tensor> tensors() {
    Map<String, Tensor> all = new LinkedHashMap<>(tensors);
    all.remove(OBJECTS);
    return all;
  }

  /**
   * What Python saved, and under which keys; empty if the files are not of {@code
   * tf.train.Checkpoint} or {@code tf.saved_model.save}.
   *
   * @throws InvalidInputException if the files are damaged
   */
  public TrackableObjectGraph objects() {
    Tensor graph = tensors.get(OBJECTS);
    if (graph == null || graph.type != DataType.DT_STRING || !graph.shape.isEmpty()) {
      return TrackableObjectGraph.getDefaultInstance();
    }
    try {
      return restore(
          prefix,
          List.of(OBJECTS),
          List.of(DataType.DT_STRING),
          DataType.DT_STRING,
          result ->
              TrackableObjectGraph.parseFrom(((TString) result.get(0)).asBytes().getObject()));
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidInputException(prefix + ": a damaged checkpoint: its object graph", e);
    } catch (TensorFlowException e) {
      throw unreadable(prefix, e);
    }
  }

  /**
   * Reads tensors as float32.
   *
   * @param keys names of tensors for which {@link Tensor#isFloat} holds
   * @throws InvalidInputException if the files are damaged
   */
  public Map<String, Weights.Array> read(List<String> keys) {
    if (keys.isEmpty()) {
      return Map.of();
    }
    List<DataType> stored = new ArrayList<>();
    for (String key : keys) {
      Tensor tensor = tensors.get(key);
      if (tensor == null) {
        throw new IllegalArgumentException(key + ": no such tensor in " + prefix);
      }
      stored.add(tensor.type);
    }
    try {
      List<Weights.Array> values = floats(prefix, keys, stored);
      Map<String, Weights.Array> arrays = new LinkedHashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        arrays.put(keys.get(i), values.get(i));
      }
      return arrays;
    } catch (TensorFlowException e) {
      throw unreadable(prefix, e);
    }
  }

  /**
   * Reads tensors of a checkpoint's files as float32.
   *
   * @param stored their types in the files
   * @throws TensorFlowException if one is not there or of another type, or the files are damaged
   */
  static List<Weights.Array> floats(Path prefix, List<String> keys, List<DataType> stored) {
    return restore(
        prefix,
        keys,
        stored,
        DataType.DT_FLOAT,
        result -> {
          List<Weights.Array> arrays = new ArrayList<>();
          for (int i = 0; i < keys.size(); i++) {
            TFloat32 tensor = (TFloat32) result.get(i);
            List<Long> shape = Arrays.stream(tensor.shape().asArray()).boxed().toList();
            arrays.add(new Weights.Array(shape, Tensors.floats(tensor)));
          }
          return arrays;
        });
  }

  /** What is made of tensors while they are there. */
  @FunctionalInterface
  private interface Use<T, E extends Exception> {
    T of(Result tensors) throws E;
  }

  private static <T, E extends Exception> T restore(
      Path prefix, List<String> keys, List<DataType> stored, DataType type, Use<T, E> use)
      throws E {
    Sessions.load();
    try (Graph graph = new Graph()) {
      Ops tf = Operations.of(graph);
      Operation restored =
          CheckpointOps.restore(tf, tf.constant(prefix.toString()).asOutput(), keys, stored);
      try (Session session = new Session(graph, Sessions.configToRunOnce(0))) {
        Session.Runner runner = session.runner();
        for (int i = 0; i < keys.size(); i++) {
          runner.fetch(cast(tf, restored.output(i), stored.get(i), type));
        }
        try (Result result = runner.run()) {
          return use.of(result);
        }
      }
    }
  }

  private static Output<?> cast(Ops tf, Output<?> value, DataType from, DataType to) {
    return from == to
        ? value
        : tf.scope()
            .opBuilder("Cast", "Cast")
            .addInput(value)
            .setAttr("SrcT", from)
            .setAttr("DstT", to)
            .build()
            .output(0);
  }
}
