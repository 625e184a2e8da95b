package dev.mlit.weights;

import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.tensorflow.FloatOps;
import org.tensorflow.Graph;
import org.tensorflow.ndarray.Shape;

/**
 * The place of a layer in the model: its path names its variables and its operations.
 *
 * @param path such as {@code encoder/block_0/attention}; empty for the model
 * @param calc makes operations under that path
 * @param variables where its variables go
 * @param made whether its variables are there already: then they are found, not made
 * @since 0.1.0
 */
public record Layer(String path, FloatOps calc, Variables variables, boolean made) {

  /** The place of a model whose variables are not made yet. */
  public static Layer root(Graph graph, Variables variables, CompileOptions options) {
    return new Layer("", new FloatOps(graph, options), variables, false);
  }

  /** A layer inside this one. */
  public Layer child(String name) {
    return new Layer(join(name), calc.child(name), variables, made);
  }

  /** The same place, its variables made, for operations that are chosen by other options. */
  public Layer with(CompileOptions options) {
    return new Layer(path, calc.with(options), variables, true);
  }

  public Variable kernel(long... shape) {
    return variable("kernel", Initializer.GLOROT, true, shape);
  }

  public Variable bias(long... shape) {
    return variable("bias", Initializer.ZEROS, false, shape);
  }

  public Variable variable(String name, Initializer initial, boolean decays, long... shape) {
    return made
        ? variables.get(join(name))
        : variables.create(join(name), initial, decays, Shape.of(shape));
  }

  private String join(String name) {
    return path.isEmpty() ? name : path + "/" + name;
  }
}
