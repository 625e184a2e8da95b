package dev.mlit.model;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Which patches are hidden when an autoencoder is tested: a function of the number of the test
 * image and of nothing else, so that the errors of two runs, and of a run and its SavedModel, can
 * be compared.
 *
 * @since 0.1.0
 */
public final class TestMasks {
  private static final long[] SEED = {7407, 17783};

  /** The number of different masks; further test images repeat them. */
  private static final int COUNT = 1024;

  private TestMasks() {}

  /**
   * The noise that decides what is hidden.
   *
   * @param numbers of the test images, from 0, [batch]
   * @param patches of an image, N
   * @return [batch, N], uniform in [0, 1)
   */
  public static Operand<TFloat32> noise(Ops tf, Operand<TInt32> numbers, int patches) {
    Operand<TFloat32> masks =
        tf.random.statelessRandomUniform(
            tf.constant(new int[] {COUNT, patches}), tf.constant(SEED));
    return tf.gather(masks, tf.math.mod(numbers, tf.constant(COUNT)), tf.constant(0));
  }
}
