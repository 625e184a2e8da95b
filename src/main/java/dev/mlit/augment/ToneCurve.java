package dev.mlit.augment;

import java.util.Arrays;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gather;
import org.tensorflow.op.core.Max;
import org.tensorflow.op.math.Cumsum;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;

/**
 * Posterize, solarize, auto-contrast and equalize as torchvision computes them on bytes: a new
 * value for each of the 256 that a channel of an image may have.
 */
final class ToneCurve {
  private static final int VALUES = 256;
  private static final float MOST = VALUES - 1;

  private final Ops tf;
  private final int height;
  private final int width;
  private final int channels;

  /** 0, ..., 255, [1, 1, values]. */
  private final Operand<TFloat32> values;

  ToneCurve(Ops tf, int height, int width, int channels) {
    this.tf = tf;
    this.height = height;
    this.width = width;
    this.channels = channels;
    this.values =
        tf.reshape(
            tf.range(tf.constant(0f), tf.constant((float) VALUES), tf.constant(1f)),
            tf.constant(new int[] {1, 1, VALUES}));
  }

  /**
   * Gives pixels other values.
   *
   * @param images [images, height, width, channels], whole numbers from 0 to 255
   * @param mask the bits of a value that are left, 255 for all, [images]
   * @param threshold least value that is inverted, above 255 for none, [images]
   * @param autoContrast 1 to stretch every channel to 0 to 255, [images]
   * @param equalize 1 to make all values of a channel about as frequent, [images]
   */
  Operand<TFloat32> apply(
      Operand<TFloat32> images,
      Operand<TFloat32> mask,
      Operand<TFloat32> threshold,
      Operand<TFloat32> autoContrast,
      Operand<TFloat32> equalize) {
    Operand<TInt32> pixels =
        tf.reshape(
            tf.math.add(tf.dtypes.cast(images, TInt32.class), tf.constant(firstValueOfChannels())),
            tf.constant(new int[] {-1, height * width * channels}));
    Operand<TFloat32> counts =
        tf.reshape(
            tf.math.denseBincount(
                pixels, tf.constant(channels * VALUES), tf.constant(new float[0])),
            tf.constant(new int[] {-1, channels, VALUES}));
    Operand<TFloat32> curves =
        tf.select(
            isSet(equalize),
            equalized(counts),
            tf.select(
                isSet(autoContrast), stretched(counts), inverted(posterized(mask), threshold)));
    Operand<TFloat32> changed =
        tf.gather(
            tf.reshape(curves, tf.constant(new int[] {-1, channels * VALUES})),
            pixels,
            tf.constant(1),
            Gather.batchDims(1L));
    return tf.reshape(changed, tf.constant(new int[] {-1, height, width, channels}));
  }

  private int[] firstValueOfChannels() {
    int[] first = new int[channels];
    Arrays.setAll(first, channel -> channel * VALUES);
    return first;
  }

  /** [images, 1, values]. */
  private Operand<TFloat32> posterized(Operand<TFloat32> mask) {
    Operand<TInt32> left =
        tf.bitwise.bitwiseAnd(
            tf.dtypes.cast(values, TInt32.class), tf.dtypes.cast(each(mask), TInt32.class));
    return tf.dtypes.cast(left, TFloat32.class);
  }

  /** [images, 1, values]. */
  private Operand<TFloat32> inverted(Operand<TFloat32> curve, Operand<TFloat32> threshold) {
    return tf.select(
        tf.math.greaterEqual(values, each(threshold)),
        tf.math.sub(tf.constant(MOST), curve),
        curve);
  }

  /** The least value becomes 0, the greatest 255; [images, channels, values]. */
  private Operand<TFloat32> stretched(Operand<TFloat32> counts) {
    Operand<TFloat32> isPresent = there(counts);
    Operand<TFloat32> most = greatest(tf.math.mul(isPresent, values));
    Operand<TFloat32> least =
        tf.math.sub(
            tf.constant(MOST),
            greatest(tf.math.mul(isPresent, tf.math.sub(tf.constant(MOST), values))));
    Operand<TFloat32> range = tf.math.sub(most, least);
    // Rounded twice, as PyTorch divides a number by a tensor; in float64 first, as TensorFlow's
    // reciprocal of a float32 may be rounded the other way.
    Operand<TFloat64> inverse =
        tf.math.div(
            tf.constant(1.0),
            tf.dtypes.cast(tf.math.maximum(range, tf.constant(1f)), TFloat64.class));
    Operand<TFloat32> scale =
        tf.math.mul(tf.dtypes.cast(inverse, TFloat32.class), tf.constant(MOST));
    Operand<TFloat32> stretched = tf.math.mul(tf.math.sub(values, least), scale);
    return tf.select(
        tf.math.greater(range, tf.constant(0f)),
        tf.math.floor(tf.clipByValue(stretched, tf.constant(0f), tf.constant(MOST))),
        values);
  }

  /**
   * The share of the pixels that have a lower value, where that of the greatest value counts for
   * none; [images, channels, values].
   */
  private Operand<TFloat32> equalized(Operand<TFloat32> counts) {
    Operand<TFloat32> lower = tf.math.cumsum(counts, tf.constant(2), Cumsum.exclusive(true));
    // All pixels but those of the greatest value.
    Operand<TFloat32> others = greatest(tf.math.mul(there(counts), lower));
    Operand<TInt32> step =
        tf.math.floorDiv(tf.dtypes.cast(others, TInt32.class), tf.constant((int) MOST));
    Operand<TFloat32> half = tf.dtypes.cast(tf.math.floorDiv(step, tf.constant(2)), TFloat32.class);
    Operand<TFloat32> divisor =
        tf.dtypes.cast(tf.math.maximum(step, tf.constant(1)), TFloat32.class);
    // Whole numbers of less than 24 bits: no quotient below a whole number is rounded up to it.
    Operand<TFloat32> shares =
        tf.math.minimum(
            tf.math.floor(tf.math.div(tf.math.add(lower, half), divisor)), tf.constant(MOST));
    Operand<TBool> enough = tf.math.greater(step, tf.constant(0));
    return tf.select(enough, shares, values);
  }

  private Operand<TFloat32> there(Operand<TFloat32> counts) {
    return tf.dtypes.cast(tf.math.greater(counts, tf.constant(0f)), TFloat32.class);
  }

  /** [images, channels, values] to [images, channels, 1]. */
  private Operand<TFloat32> greatest(Operand<TFloat32> curves) {
    return tf.max(curves, tf.constant(2), Max.keepDims(true));
  }

  /** [images] to [images, 1, 1]. */
  private Operand<TFloat32> each(Operand<TFloat32> parameters) {
    return tf.reshape(parameters, tf.constant(new int[] {-1, 1, 1}));
  }

  private Operand<TBool> isSet(Operand<TFloat32> parameters) {
    return tf.math.greater(each(parameters), tf.constant(0f));
  }
}
