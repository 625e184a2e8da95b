package dev.mlit.tensorflow;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt64;

/**
 * The seed of TensorFlow's stateless random operations in a training step.
 *
 * @since 0.1.0
 */
public final class StepSeed {
  private StepSeed() {}

  /**
   * The seed of a stream in a step: whatever is drawn is a function of it, so that a run can be
   * repeated, and go on where it was left.
   *
   * @param run the seed of the run, a scalar
   * @param key of the stream; see {@link dev.mlit.spec.seed.RandomStream}
   * @param step a scalar
   * @return [2]
   */
  public static Operand<TInt64> of(Ops tf, Operand<TInt64> run, long key, Operand<TInt64> step) {
    return tf.stack(List.of(tf.math.add(run, tf.constant(key)), step));
  }
}
