package dev.mlit.augment;

import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;

/**
 * A rectangle of whole pixels in every image of a batch; all [images].
 *
 * @param top the first row
 * @param left the first column
 * @param bottom the first row below
 * @param right the first column behind
 */
record Rectangles(
    Operand<TFloat32> top,
    Operand<TFloat32> left,
    Operand<TFloat32> bottom,
    Operand<TFloat32> right) {

  /** The number of pixels: [images]. */
  Operand<TFloat32> area(Ops tf) {
    return tf.math.mul(tf.math.sub(bottom, top), tf.math.sub(right, left));
  }

  /** True inside: [images, height, width, 1]. */
  Operand<TBool> inside(Ops tf, int height, int width) {
    Operand<TFloat32> rows = upTo(tf, height, Shape.of(1, height, 1, 1));
    Operand<TFloat32> columns = upTo(tf, width, Shape.of(1, 1, width, 1));
    return tf.math.logicalAnd(between(tf, top, rows, bottom), between(tf, left, columns, right));
  }

  private static Operand<TBool> between(
      Ops tf, Operand<TFloat32> low, Operand<TFloat32> values, Operand<TFloat32> high) {
    return tf.math.logicalAnd(
        tf.math.greaterEqual(values, each(tf, low)), tf.math.less(values, each(tf, high)));
  }

  /** 0, 1, 2, ... */
  private static Operand<TFloat32> upTo(Ops tf, int count, Shape shape) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    return tf.constant(shape, DataBuffers.of(values));
  }

  /** [images] to [images, 1, 1, 1]. */
  private static Operand<TFloat32> each(Ops tf, Operand<TFloat32> values) {
    return tf.reshape(values, tf.constant(new int[] {-1, 1, 1, 1}));
  }
}
