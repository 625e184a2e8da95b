package dev.mlit.weights;

import dev.mlit.tensorflow.FloatOps;
import dev.mlit.tensorflow.MatMuls;
import org.tensorflow.Graph;
import org.tensorflow.ndarray.Shape;

/**
 * The place of a layer in the model: its path names its variables and its operations.
 *
 * @param path such as {@code encoder/block_0/attention}; empty for the model
 * @param calc makes operations under that path
 * @param variables where its variables go
 * @since 0.1.0
 */
public record Layer(String path, FloatOps calc, Variables variables) {

  public static Layer root(Graph graph, Variables variables) {
    return new Layer("", new FloatOps(graph, new MatMuls(variables::precision)), variables);
  }

  /** A layer inside this one. A name may be used once: TensorFlow would rename the second. */
  public Layer child(String name) {
    return new Layer(join(name), calc.child(name), variables);
  }

  public Variable kernel(long... shape) {
    return variable("kernel", Initializer.GLOROT, true, shape);
  }

  public Variable bias(long... shape) {
    return variable("bias", Initializer.ZEROS, false, shape);
  }

  public Variable variable(String name, Initializer initial, boolean decays, long... shape) {
    return variables.create(join(name), initial, decays, Shape.of(shape));
  }

  private String join(String name) {
    return path.isEmpty() ? name : path + "/" + name;
  }
}
