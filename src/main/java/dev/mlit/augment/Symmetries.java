package dev.mlit.augment;

import dev.mlit.spec.AugmentationSpec;
import dev.mlit.spec.seed.RandomStream;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;

/**
 * Vertical flips and quarter turns of a batch: pixels change places and nothing is interpolated. A
 * square image has eight such views; flip, vertical flip and quarter turns give them all, each as
 * likely.
 */
final class Symmetries {
  private Symmetries() {}

  /**
   * Applies what is drawn for every image.
   *
   * @param images [images, height, width, channels]; square where there are quarter turns
   */
  static Operand<TFloat32> apply(
      Ops tf, Operand<TFloat32> images, AugmentationSpec spec, Draws draws) {
    Operand<TFloat32> changed = images;
    if (spec.verticalFlip()) {
      changed = reversed(tf, changed, draws.coin(RandomStream.VERTICAL_FLIP, 0.5), 1);
    }
    if (spec.quarterTurns()) {
      Operand<TFloat32> quarters =
          tf.math.floor(draws.uniform(RandomStream.QUARTER_TURNS, 0, QUARTERS));
      changed = turned(tf, changed, quarters);
    }
    return changed;
  }

  private static final int QUARTERS = 4;

  /**
   * Turns counterclockwise.
   *
   * @param images [images, side, side, channels]
   * @param quarters 0, 1, 2 or 3 for every image, [images]
   */
  static Operand<TFloat32> turned(Ops tf, Operand<TFloat32> images, Operand<TFloat32> quarters) {
    Operand<TFloat32> one = tf.constant(1f);
    Operand<TFloat32> two = tf.constant(2f);
    Operand<TBool> odd = tf.math.equal(tf.math.mod(quarters, two), one);
    Operand<TFloat32> mirrored =
        select(tf, odd, tf.linalg.transpose(images, tf.constant(new int[] {0, 2, 1, 3})), images);
    // A quarter turn counterclockwise is the transposed image upside down, clockwise it is that one
    // from left to right; half a turn is both of the image.
    Operand<TBool> oneOrTwo =
        tf.math.logicalOr(tf.math.equal(quarters, one), tf.math.equal(quarters, two));
    Operand<TFloat32> upright = reversed(tf, mirrored, oneOrTwo, 1);
    return reversed(tf, upright, tf.math.greaterEqual(quarters, two), 2);
  }

  /**
   * Mirrors some images.
   *
   * @param images [images, height, width, channels]
   * @param chosen which of them, [images]
   * @param axis 1 for upside down, 2 for left to right
   */
  static Operand<TFloat32> reversed(
      Ops tf, Operand<TFloat32> images, Operand<TBool> chosen, int axis) {
    return select(tf, chosen, tf.reverse(images, tf.constant(new int[] {axis})), images);
  }

  private static Operand<TFloat32> select(
      Ops tf, Operand<TBool> chosen, Operand<TFloat32> first, Operand<TFloat32> second) {
    Operand<TBool> each = tf.reshape(chosen, tf.constant(new int[] {-1, 1, 1, 1}));
    return tf.select(each, first, second);
  }
}
