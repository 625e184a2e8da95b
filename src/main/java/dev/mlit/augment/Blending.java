package dev.mlit.augment;

import java.util.Arrays;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Sum;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;

/**
 * Brightness, color, contrast and sharpness as torchvision computes them on bytes: a weighted sum
 * of the image and of a version without the property: black, its gray, its mean gray, or blurred.
 * As in torchvision, results are clipped to [0, 255] and fractions are dropped.
 */
final class Blending {
  /** torchvision's share of red, green and blue in a gray, which is not quite ITU-R BT.601's. */
  private static final float[] LUMA = {0.2989f, 0.587f, 0.114f};

  /** Weight of a pixel in its blur, beside 1 for each of its eight neighbours. */
  private static final float CENTER = 5;

  private final Ops tf;
  private final int height;
  private final int width;
  private final int channels;

  Blending(Ops tf, int height, int width, int channels) {
    this.tf = tf;
    this.height = height;
    this.width = width;
    this.channels = channels;
  }

  /**
   * Blends a batch.
   *
   * @param images [images, height, width, channels], whole numbers from 0 to 255
   * @param image factors of the images, [images]
   * @param gray factors of their grays, [images]
   * @param mean factors of their mean grays, [images]
   * @param blurred factors of the blurred images, [images]
   */
  Operand<TFloat32> apply(
      Operand<TFloat32> images,
      Operand<TFloat32> image,
      Operand<TFloat32> gray,
      Operand<TFloat32> mean,
      Operand<TFloat32> blurred) {
    Operand<TFloat32> grays = grays(images);
    // At most one of the three has a factor that is not 0, so that no sum here is rounded.
    Operand<TFloat32> other =
        tf.math.add(tf.math.mul(each(gray), grays), tf.math.mul(each(mean), means(grays)));
    if (height > 2 && width > 2) {
      other = tf.math.add(other, tf.math.mul(each(blurred), blurred(images)));
    }
    Operand<TFloat32> sum = tf.math.add(tf.math.mul(each(image), images), other);
    return tf.math.floor(tf.clipByValue(sum, tf.constant(0f), tf.constant(255f)));
  }

  /** [images, height, width, 1]. */
  private Operand<TFloat32> grays(Operand<TFloat32> images) {
    if (channels == 1) {
      return images;
    }
    List<Operand<TFloat32>> colors = List.copyOf(tf.split(tf.constant(3), images, 3L).output());
    Operand<TFloat32> sum = tf.math.mul(colors.get(0), tf.constant(LUMA[0]));
    for (int i = 1; i < LUMA.length; i++) {
      sum = tf.math.add(sum, tf.math.mul(colors.get(i), tf.constant(LUMA[i])));
    }
    return tf.math.floor(sum);
  }

  /** [images, 1, 1, 1]. */
  private Operand<TFloat32> means(Operand<TFloat32> grays) {
    // In float64, so that the sum is exact and the mean is rounded once.
    Operand<TFloat64> sum =
        tf.sum(
            tf.dtypes.cast(grays, TFloat64.class),
            tf.constant(new int[] {1, 2, 3}),
            Sum.keepDims(true));
    Operand<TFloat64> pixels = tf.constant((double) height * width);
    return tf.dtypes.cast(tf.math.div(sum, pixels), TFloat32.class);
  }

  /** The mean of a pixel and its neighbours; pixels at the edge stay as they are. */
  private Operand<TFloat32> blurred(Operand<TFloat32> images) {
    float[] kernel = new float[9 * channels];
    Arrays.fill(kernel, 1);
    Arrays.fill(kernel, 4 * channels, 5 * channels, CENTER);
    Operand<TFloat32> sums =
        tf.nn.depthwiseConv2dNative(
            images,
            tf.reshape(tf.constant(kernel), tf.constant(new int[] {3, 3, channels, 1})),
            List.of(1L, 1L, 1L, 1L),
            "VALID");
    Operand<TFloat32> means = tf.math.rint(tf.math.div(sums, tf.constant(CENTER + 8)));
    Operand<TInt32> margins = tf.constant(new int[][] {{0, 0}, {1, 1}, {1, 1}, {0, 0}});
    Operand<TFloat32> padded = tf.pad(means, margins, tf.constant(0f));
    return tf.select(isEdge(), images, padded);
  }

  /** [1, height, width, 1]. */
  private Operand<TBool> isEdge() {
    boolean[][][][] edge = new boolean[1][height][width][1];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        edge[0][y][x][0] = y == 0 || y == height - 1 || x == 0 || x == width - 1;
      }
    }
    return tf.constant(edge);
  }

  /** [images] to [images, 1, 1, 1]. */
  private Operand<TFloat32> each(Operand<TFloat32> factors) {
    return tf.reshape(factors, tf.constant(new int[] {-1, 1, 1, 1}));
  }
}
