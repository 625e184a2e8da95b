package dev.mlit.model;

import dev.mlit.tensorflow.FloatOps;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * What a layer computed, and the backward pass of a layer that keeps little: what is large and
 * quickly computed again, it computes again in the backward pass (gradient checkpointing, Chen et
 * al. 2016).
 *
 * @param value the layer's output
 * @param backward the layer's backward pass; an inference graph never takes it
 */
record Recomputed(Operand<TFloat32> value, Backward backward) {

  /** The backward pass of one application of a layer, for which its input is there again. */
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
