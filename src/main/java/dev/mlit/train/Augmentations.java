package dev.mlit.train;

import dev.mlit.spec.RunSpec;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** What is done to training images, in the graph; a function of the run's seed and the step. */
final class Augmentations {
  private static final long FLIP = 1L << 32;

  private Augmentations() {}

  /**
   * Augments a batch.
   *
   * @param images [batch, height, width, channels]
   * @param seed a scalar
   * @param step a scalar
   */
  static Operand<TFloat32> apply(
      Ops ops,
      RunSpec.Augmentation spec,
      Operand<TFloat32> images,
      Operand<TInt64> seed,
      Operand<TInt64> step) {
    Ops tf = ops.withSubScope("augmentation");
    return spec.flip() ? flip(tf, images, seed, step) : images;
  }

  /** Mirrors every image, left to right, with a chance of one half. */
  private static Operand<TFloat32> flip(
      Ops tf, Operand<TFloat32> images, Operand<TInt64> seed, Operand<TInt64> step) {
    Operand<TInt32> batch =
        tf.slice(tf.shape(images), tf.constant(new int[] {0}), tf.constant(new int[] {1}));
    Operand<TInt32> each =
        tf.concat(List.of(batch, tf.constant(new int[] {1, 1, 1})), tf.constant(0));
    Operand<TInt64> own = tf.stack(List.of(tf.math.add(seed, tf.constant(FLIP)), step));
    Operand<TFloat32> drawn = tf.random.statelessRandomUniform(each, own);
    return tf.select(
        tf.math.less(drawn, tf.constant(0.5f)),
        tf.reverse(images, tf.constant(new int[] {2})),
        images);
  }
}
