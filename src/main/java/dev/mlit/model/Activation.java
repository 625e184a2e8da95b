package dev.mlit.model;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * A layer's output and its backward pass.
 *
 * @param value the layer's output
 * @param backward the layer's backward pass; an inference graph does not use it
 */
record Activation(Operand<TFloat32> value, Backward backward) {

  /**
   * Layers one after the other as one.
   *
   * @param layers each applied to the value of the one before; at least one
   */
  static Activation chain(List<Activation> layers) {
    return new Activation(
        layers.get(layers.size() - 1).value,
        (dy, gradients) -> {
          Operand<TFloat32> upstream = dy;
          for (int i = layers.size() - 1; i >= 0; i--) {
            upstream = layers.get(i).backward.apply(upstream, gradients);
          }
          return upstream;
        });
  }

  /** The backward pass of one application of a layer. */
  @FunctionalInterface
  interface Backward {
    /**
     * Adds the gradients of the layer's variables.
     *
     * @param upstream the gradient of the loss at the layer's output, of its shape
     * @param gradients where the gradients of variables go
     * @return the gradient of the loss at the layer's input, of its shape
     */
    Operand<TFloat32> apply(Operand<TFloat32> upstream, VariableGradients gradients);
  }
}
