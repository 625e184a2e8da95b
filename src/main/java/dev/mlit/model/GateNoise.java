package dev.mlit.model;

import dev.mlit.spec.seed.RandomStream;
import dev.mlit.tensorflow.StepSeed;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * The noise of the gates while training, N(0, 1) for every token and expert.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface GateNoise {
  /** No noise. */
  GateNoise NONE = (tf, block, shape) -> tf.fill(shape, tf.constant(0f));

  /**
   * The noise of one block.
   *
   * @param block the block, counted from 0
   * @param shape [tokens, experts]
   * @return noise of that shape
   */
  Operand<TFloat32> draw(Ops tf, int block, Operand<TInt32> shape);

  /**
   * Noise that is a function of the run's seed, the step and the block, and of nothing else.
   *
   * @param seed a scalar
   * @param step a scalar
   */
  static GateNoise stateless(Operand<TInt64> seed, Operand<TInt64> step) {
    return (tf, block, shape) ->
        tf.random.statelessRandomNormal(
            shape, StepSeed.of(tf, seed, RandomStream.GATE_NOISE.key(block), step));
  }
}
