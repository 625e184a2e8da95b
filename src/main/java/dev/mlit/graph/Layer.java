package dev.mlit.graph;

import org.tensorflow.Graph;
import org.tensorflow.ndarray.Shape;

/**
 * The place of a layer in the model: its path names its variables and its operations.
 *
 * @param path such as {@code encoder/block_0/attention}; empty for the model
 * @param calc makes operations under that path
 * @param variables where its variables go
 */
record Layer(String path, Calc calc, Variables variables) {

  static Layer root(Graph graph, Variables variables) {
    return new Layer("", new Calc(graph, new Products(variables::precision)), variables);
  }

  /** A layer inside this one. A name may be used once: TensorFlow would rename the second. */
  Layer child(String name) {
    return new Layer(join(name), calc.child(name), variables);
  }

  Variable kernel(long... shape) {
    return variable("kernel", Initial.GLOROT, true, shape);
  }

  Variable bias(long... shape) {
    return variable("bias", Initial.ZEROS, false, shape);
  }

  Variable variable(String name, Initial initial, boolean decays, long... shape) {
    return variables.create(join(name), initial, decays, Shape.of(shape));
  }

  private String join(String name) {
    return path.isEmpty() ? name : path + "/" + name;
  }
}
