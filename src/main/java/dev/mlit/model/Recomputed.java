package dev.mlit.model;

import dev.mlit.tensorflow.FloatOps;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * A layer's output, and a backward pass for which little is kept: tensors that are large and quick
 * to compute are computed again in it (gradient checkpointing, Chen et al. 2016).
 *
 * @param value the layer's output
 * @param backward the layer's backward pass; an inference graph does not use it
 */
record Recomputed(Operand<TFloat32> value, Backward backward) {

  /** The backward pass of one application of a layer, which gets the layer's input again. */
  @FunctionalInterface
  interface Backward {
    /**
     * Adds the gradients of the layer's variables.
     *
     * @param input the layer's input, kept or computed again; see {@link FloatOps#later}
     * @param upstream the gradient of the loss at the layer's output, of its shape
     * @param gradients where the gradients of variables go
     * @return the gradient of the loss at the layer's input, of its shape
     */
    Operand<TFloat32> apply(
        Operand<TFloat32> input, Operand<TFloat32> upstream, VariableGradients gradients);
  }
}
