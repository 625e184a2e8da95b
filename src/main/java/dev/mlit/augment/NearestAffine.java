package dev.mlit.augment;

import dev.mlit.spec.AugmentationSpec.Fill;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gather;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;

/**
 * Shears, translations and rotations that copy the nearest pixel: torchvision's affine transform of
 * a tensor. Halfway between two pixels, rounding errors decide which is nearer, so the place is
 * computed in the steps of torchvision's matrix product and of PyTorch's grid_sample, in which
 * multiplying and adding round once.
 */
final class NearestAffine {
  private final Ops tf;
  private final int height;
  private final int width;
  private final int channels;

  NearestAffine(Ops tf, int height, int width, int channels) {
    this.tf = tf;
    this.height = height;
    this.width = width;
    this.channels = channels;
  }

  /**
   * Transforms a batch.
   *
   * @param images [images, height, width, channels]
   * @param parameters six of [images]: x is found at p0 x + p1 y + p2 halves of the width from the
   *     middle, y at p3 x + p4 y + p5 halves of the height
   * @param fill what is seen beyond the image's edge; torchvision's is black
   */
  Operand<TFloat32> apply(Operand<TFloat32> images, List<Operand<TFloat32>> parameters, Fill fill) {
    Operand<TFloat32> x = place(parameters.subList(0, 3), width);
    Operand<TFloat32> y = place(parameters.subList(3, 6), height);
    Operand<TInt32> pixel =
        tf.math.add(
            tf.math.mul(within(y, height, fill), tf.constant(width)), within(x, width, fill));
    Operand<TFloat32> pixels =
        tf.gather(
            tf.reshape(images, tf.constant(new int[] {-1, height * width, channels})),
            tf.reshape(pixel, tf.constant(new int[] {-1, height * width})),
            tf.constant(1),
            Gather.batchDims(1L));
    Operand<TFloat32> moved =
        tf.reshape(pixels, tf.constant(new int[] {-1, height, width, channels}));
    if (fill != Fill.BLACK) {
      return moved;
    }
    Operand<TBool> isInside = tf.math.logicalAnd(isWithin(x, width), isWithin(y, height));
    return tf.math.mul(
        moved,
        tf.dtypes.cast(
            tf.reshape(isInside, tf.constant(new int[] {-1, height, width, 1})), TFloat32.class));
  }

  /** The column, or the row, that is nearest: whole numbers, [images, height, width]. */
  private Operand<TFloat32> place(List<Operand<TFloat32>> parameters, int side) {
    Operand<TFloat32> x = tf.math.mul(each(parameters.get(0)), middled(width, 1, width));
    // The product of two float32 is exact in float64, so that their sum is rounded once.
    Operand<TFloat64> y =
        tf.math.mul(wide(each(parameters.get(1))), wide(middled(height, height, 1)));
    Operand<TFloat32> sum = tf.dtypes.cast(tf.math.add(wide(x), y), TFloat32.class);
    Operand<TFloat32> grid = tf.math.add(sum, each(parameters.get(2)));
    return tf.math.rint(
        tf.math.sub(
            tf.math.mul(tf.math.add(grid, tf.constant(1f)), tf.constant(side / 2f)),
            tf.constant(0.5f)));
  }

  /** Distances of the pixels of a side from the middle, [1, rows, columns]. */
  private Operand<TFloat32> middled(int side, int rows, int columns) {
    float[] places = new float[side];
    for (int i = 0; i < side; i++) {
      places[i] = i - (side - 1) / 2f;
    }
    return tf.reshape(tf.constant(places), tf.constant(new int[] {1, rows, columns}));
  }

  private Operand<TBool> isWithin(Operand<TFloat32> place, int side) {
    return tf.math.logicalAnd(
        tf.math.greaterEqual(place, tf.constant(0f)),
        tf.math.less(place, tf.constant((float) side)));
  }

  /** A place within the image that looks like this one. */
  private Operand<TInt32> within(Operand<TFloat32> place, int side, Fill fill) {
    Operand<TInt32> at = tf.dtypes.cast(place, TInt32.class);
    if (fill != Fill.REFLECT) {
      return tf.clipByValue(at, tf.constant(0), tf.constant(side - 1));
    }
    Operand<TInt32> reflected = tf.math.floorMod(at, tf.constant(2 * side));
    return tf.math.minimum(reflected, tf.math.sub(tf.constant(2 * side - 1), reflected));
  }

  private Operand<TFloat64> wide(Operand<TFloat32> value) {
    return tf.dtypes.cast(value, TFloat64.class);
  }

  /** [images] to [images, 1, 1]. */
  private Operand<TFloat32> each(Operand<TFloat32> values) {
    return tf.reshape(values, tf.constant(new int[] {-1, 1, 1}));
  }
}
