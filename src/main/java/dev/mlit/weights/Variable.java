package dev.mlit.weights;

import java.util.Arrays;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/**
 * A float32 resource variable.
 *
 * @param name the name of its operation, which is also the name it is shared and saved under, such
 *     as {@code encoder/block_0/attention/query/kernel}
 * @param shape its shape
 * @param decays true for kernels; biases, norms, tokens and position embeddings do not decay
 * @param handle the resource
 * @param value its value, read once in a step: every use sees the value from before the update
 * @param initializer gives it its first value
 * @since 0.1.0
 */
public record Variable(
    String name,
    Shape shape,
    boolean decays,
    Operand<? extends TType> handle,
    Operand<TFloat32> value,
    Op initializer) {

  /** Its shape as a list. */
  public List<Long> sizes() {
    return Arrays.stream(shape.asArray()).boxed().toList();
  }

  /** The number of its elements. */
  public long size() {
    return shape.size();
  }

  @Override
  public String toString() {
    return name + sizes();
  }
}
