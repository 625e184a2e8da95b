package dev.mlit.model;

import dev.mlit.tensorflow.FloatOps;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;

/**
 * Sets a part of a branch of a block to zero while training, and scales the rest up, so that the
 * mean stays the same.
 *
 * <p>That is a product with a constant, so the backward pass is the same product again: the
 * gradient at the input is {@code apply(dy)}.
 */
@FunctionalInterface
interface Drop {
  /** Drops nothing. */
  Drop NOTHING = rows -> rows;

  /** Drops some of a branch [rows, width], or of the gradient at what is left of it. */
  Operand<TFloat32> apply(Operand<TFloat32> rows);

  /**
   * Dropout (Srivastava et al. 2014) of single values.
   *
   * @param drawn uniform in [0, 1), [rows, width]
   * @param chance to be dropped, in [0, 1)
   */
  static Drop values(FloatOps calc, Operand<TFloat32> drawn, double chance) {
    Ops tf = calc.tf();
    // One byte a value is kept for the backward pass.
    Operand<TBool> left = tf.stopGradient(tf.math.greaterEqual(drawn, calc.constant(chance)));
    return rows -> tf.select(left, calc.mul(rows, 1 / (1 - chance)), calc.constant(0));
  }

  /**
   * Stochastic depth (Huang et al. 2016), in the form of timm's DropPath: drops the whole branch
   * for some images.
   *
   * @param drawn uniform in [0, 1), [images]
   * @param chance to be dropped, in [0, 1)
   * @param perImage rows of an image
   */
  static Drop images(FloatOps calc, Operand<TFloat32> drawn, double chance, int perImage) {
    Ops tf = calc.tf();
    Operand<TBool> left = tf.math.greaterEqual(drawn, calc.constant(chance));
    Operand<TFloat32> factors =
        tf.stopGradient(calc.mul(tf.dtypes.cast(left, TFloat32.class), 1 / (1 - chance)));
    Operand<TFloat32> each = calc.reshape(factors, -1, 1, 1);
    return rows -> {
      int width = (int) rows.shape().get(1);
      return calc.reshape(calc.mul(calc.reshape(rows, -1, perImage, width), each), -1, width);
    };
  }

  /** This, and then another. The order does not matter. */
  default Drop and(Drop other) {
    return rows -> other.apply(apply(rows));
  }
}
