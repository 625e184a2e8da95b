package dev.mlit.weights;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.VariableShapes;
import dev.mlit.tensorflow.FrozenGraph;
import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TFloat32;

/**
 * The weights of a model outside any graph: every variable's shape and values, in the order of the
 * model.
 *
 * @since 0.1.0
 */
public final class Weights {

  /**
   * The values of a variable.
   *
   * @param shape its sizes
   * @param values row-major, as many as the shape says
   */
  public record Array(List<Long> shape, float[] values) {
    public Array {
      shape = List.copyOf(shape);
      long size = shape.stream().reduce(1L, Math::multiplyExact);
      if (size != values.length) {
        throw new IllegalArgumentException(values.length + " values do not fill " + shape);
      }
    }
  }

  private final Map<String, Array> arrays;

  private Weights(Map<String, Array> arrays) {
    this.arrays = arrays;
  }

  /** Weights by the names of their variables. */
  public static Weights of(Map<String, Array> arrays) {
    return new Weights(new LinkedHashMap<>(arrays));
  }

  /** The weights by the names of their variables. */
  public Map<String, Array> arrays() {
    return new LinkedHashMap<>(arrays);
  }

  /**
   * Every variable with a value that is not finite, as a line that names it: no model computes
   * anything with such weights.
   */
  public List<String> notFinite() {
    List<String> problems = new ArrayList<>();
    arrays.forEach(
        (name, array) -> {
          int count = 0;
          float first = 0;
          for (float value : array.values) {
            if (!Float.isFinite(value)) {
              first = count == 0 ? value : first;
              count++;
            }
          }
          if (count > 0) {
            problems.add(
                name
                    + ": has "
                    + count
                    + (count == 1 ? " value that is" : " values that are")
                    + " not finite ("
                    + first
                    + "), must have numbers");
          }
        });
    return problems;
  }

  /**
   * Reads the weights of a model from a checkpoint's files.
   *
   * @throws InvalidInputException if they are missing or damaged, or not of this model
   */
  public static Weights read(ModelSpec model, Path prefix) {
    return read(model, prefix, "");
  }

  /**
   * Reads weights of a model from a checkpoint's files.
   *
   * @param scope what stands in front of their names there, such as {@code ema/}
   * @throws InvalidInputException if they are missing or damaged, or not of this model
   */
  public static Weights read(ModelSpec model, Path prefix, String scope) {
    CheckpointFile checkpoint = CheckpointFile.open(prefix);
    Map<String, CheckpointFile.Tensor> tensors = checkpoint.tensors();
    Map<String, List<Long>> shapes = VariableShapes.of(model);
    Map<String, String> keys = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    shapes.forEach(
        (name, shape) -> {
          // Of a SavedModel they have the names that Python's TensorFlow 2 looks for.
          String object = CheckpointKeys.of(scope + name);
          String key = tensors.containsKey(object) ? object : scope + name;
          keys.put(key, name);
          CheckpointFile.Tensor tensor = tensors.get(key);
          if (tensor == null) {
            problems.add(Misfit.missing(scope + name, shape));
          } else if (!tensor.isFloat() || !tensor.shape().equals(shape)) {
            problems.add(
                Misfit.other(
                    scope + name, tensor.type() + " " + tensor.shape(), "DT_FLOAT " + shape));
          }
        });
    if (!problems.isEmpty()) {
      throw InvalidInputException.of(prefix, problems);
    }
    Map<String, Array> arrays = new LinkedHashMap<>();
    checkpoint
        .read(List.copyOf(keys.keySet()))
        .forEach((key, array) -> arrays.put(keys.getOrDefault(key, key), array));
    return new Weights(arrays);
  }

  /** Writes the weights to a checkpoint's files; the directory of the prefix must exist. */
  public void write(Path prefix) {
    Sessions.load();
    List<String> names = List.copyOf(arrays.keySet());
    try (Graph graph = new Graph()) {
      Ops tf = Operations.of(graph);
      List<Operand<TFloat32>> inputs = new ArrayList<>();
      for (Array array : arrays.values()) {
        inputs.add(tf.placeholder(TFloat32.class, Placeholder.shape(shape(array))));
      }
      Operation save =
          CheckpointOps.save(
              tf,
              tf.constant(prefix.toString()).asOutput(),
              names,
              inputs.stream().map(Operand::asOutput).toList());
      List<TFloat32> tensors = new ArrayList<>();
      try (Session session = Sessions.open(graph, 0)) {
        Session.Runner runner = session.runner().addTarget(save);
        for (Array array : arrays.values()) {
          TFloat32 tensor = TFloat32.tensorOf(shape(array), DataBuffers.of(array.values()));
          runner.feed(inputs.get(tensors.size()), tensor);
          tensors.add(tensor);
        }
        runner.run().close();
      } finally {
        tensors.forEach(TFloat32::close);
      }
    }
  }

  /**
   * Gives variables of a graph the weights of their names.
   *
   * @param session of the graph
   * @throws IllegalArgumentException if there is none of a variable's name
   */
  public void assign(Graph graph, Session session, List<Variable> variables) {
    Ops tf = Operations.of(graph).withSubScope("assign");
    List<TFloat32> tensors = new ArrayList<>();
    try {
      Session.Runner runner = session.runner();
      for (Variable variable : variables) {
        Array array = arrays.get(variable.name());
        if (array == null) {
          throw new IllegalArgumentException("no weights for " + variable);
        }
        Operand<TFloat32> input = tf.placeholder(TFloat32.class, Placeholder.shape(shape(array)));
        TFloat32 tensor = TFloat32.tensorOf(shape(array), DataBuffers.of(array.values()));
        tensors.add(tensor);
        runner.feed(input, tensor).addTarget(tf.assignVariableOp(variable.handle(), input));
      }
      runner.run().close();
    } finally {
      tensors.forEach(TFloat32::close);
    }
  }

  /**
   * The constant that replaces a variable in a graph.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public NodeDef constant(String name) {
    Array array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException("no weights for " + name);
    }
    return FrozenGraph.constant(name, array.shape(), array.values());
  }

  private static Shape shape(Array array) {
    return Shape.of(array.shape().stream().mapToLong(Long::longValue).toArray());
  }
}
