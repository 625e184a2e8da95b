package dev.mlit.model;

import dev.mlit.tensorflow.FloatOps;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.TopK.Options;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The k largest entries of every row, the lower index first among equals, as masks of 1 and 0.
 *
 * <p>Masks instead of indices keep everything differentiable: TopKV2 has no gradient in
 * TensorFlow's C++ registry, but a sum over a mask has.
 *
 * @param kept [rows, entries], 1 at the k largest
 * @param last [rows, entries], 1 at the k-th largest, the last that is kept
 * @param next [rows, entries], 1 at the (k+1)-th largest, the first that is not
 */
record TopK(Operand<TFloat32> kept, Operand<TFloat32> last, Operand<TFloat32> next) {

  /**
   * Finds the largest entries.
   *
   * @param rows [rows, entries]
   * @param k fewer than the entries
   */
  static TopK of(FloatOps calc, Operand<TFloat32> rows, int k, int entries) {
    Ops tf = calc.tf();
    Operand<TInt32> order = tf.nn.topK(rows, tf.constant(k + 1), new Options[0]).indices();
    Operand<TFloat32> masks =
        tf.oneHot(order, tf.constant(entries), tf.constant(1f), tf.constant(0f));
    List<Output<TFloat32>> parts = calc.split(masks, 1, k - 1, 1, 1);
    Operand<TFloat32> last = calc.reshape(parts.get(1), -1, entries);
    return new TopK(
        calc.add(calc.sum(parts.get(0), 1), last), last, calc.reshape(parts.get(2), -1, entries));
  }

  /** The entries that {@code mask} marks, one a row: [rows, 1]. */
  static Operand<TFloat32> pick(FloatOps calc, Operand<TFloat32> rows, Operand<TFloat32> mask) {
    return calc.sumLast(calc.mul(rows, mask));
  }
}
