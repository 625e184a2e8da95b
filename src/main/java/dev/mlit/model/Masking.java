package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.FloatOps;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.TopK.Options;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Which patches of images an encoder sees while some are hidden from it, as in a masked autoencoder
 * (He et al. 2022) and with patch dropout (Liu et al. 2022): of every image those with the smallest
 * noise, the earlier patch first among equals.
 *
 * <p>Rows are gathered by their numbers, so that hidden patches cost the encoder nothing. Below, v
 * is the number of visible patches and N that of all.
 */
final class Masking {
  private final FloatOps calc;
  private final int patches;
  private final int visible;

  /** The images, a vector of one number. */
  private final Operand<TInt32> batch;

  /** Of every image the visible patches by their noise, [batch, v], from 0. */
  private final Operand<TInt32> chosen;

  /** Of every patch its place in the order of the noise, [batch, N], from 0. */
  private final Operand<TInt32> rank;

  /**
   * Masks images for an autoencoder.
   *
   * @param noise [batch, N]
   */
  Masking(FloatOps calc, ModelSpec spec, Operand<TFloat32> noise) {
    this(calc, spec.patches(), spec.visiblePatches(), noise);
  }

  /**
   * Masks images.
   *
   * @param patches of an image, N
   * @param visible of them, from 1 to N
   * @param noise [batch, N]
   */
  Masking(FloatOps calc, int patches, int visible, Operand<TFloat32> noise) {
    this.calc = calc;
    this.patches = patches;
    this.visible = visible;
    Ops tf = calc.tf();
    this.batch = tf.slice(tf.shape(noise), ints(0), ints(1));
    // The largest first, and the earlier among equals: so of the negative, the smallest first.
    Operand<TInt32> order =
        tf.nn.topK(tf.math.neg(noise), tf.constant(patches), new Options[0]).indices();
    this.rank = tf.nn.topK(tf.math.neg(order), tf.constant(patches), new Options[0]).indices();
    this.chosen = tf.slice(order, ints(0, 0), ints(-1, visible));
  }

  /** The number of visible patches of an image. */
  int visible() {
    return visible;
  }

  /** The number of images, a vector of one number. */
  Operand<TInt32> batch() {
    return batch;
  }

  /** 1 for every hidden patch and 0 for every visible one, [batch, N]. */
  Operand<TFloat32> hidden() {
    return calc.tf().dtypes.cast(isHidden(), TFloat32.class);
  }

  private Operand<TBool> isHidden() {
    Ops tf = calc.tf();
    return tf.math.greaterEqual(rank, tf.constant(visible));
  }

  /** The rows of the visible patches: [batch * N, width] to [batch * v, width]. */
  Operand<TFloat32> visiblePatches(Operand<TFloat32> rows) {
    return gather(rows, calc.tf().math.add(chosen, firstRows(patches)));
  }

  /**
   * The rows of the class tokens and the visible patches: [batch * (N+1), width] to [batch * (v+1),
   * width].
   */
  Operand<TFloat32> visibleTokens(Operand<TFloat32> rows) {
    return gather(rows, calc.tf().math.add(tokens(), firstRows(patches + 1)));
  }

  /**
   * The numbers of the class token, 0, and of the visible patches, from 1, among an image's tokens:
   * [batch * (v+1)].
   */
  Operand<TInt32> positions() {
    return flat(tokens());
  }

  private Operand<TInt32> tokens() {
    Ops tf = calc.tf();
    Operand<TInt32> behindClassToken = tf.math.add(chosen, tf.constant(1));
    return tf.pad(behindClassToken, tf.constant(new int[][] {{0, 0}, {1, 0}}), tf.constant(0));
  }

  /**
   * Puts the tokens of an image in order again, what is hidden filled in; the inverse of {@link
   * #visibleTokens}.
   *
   * @param rows [batch * (v+1), width], the class token of every image first
   * @param fill [1, width], what the hidden patches get
   * @return [batch * (N+1), width]
   */
  Operand<TFloat32> restore(Operand<TFloat32> rows, Operand<TFloat32> fill) {
    Ops tf = calc.tf();
    Operand<TInt32> first = firstRows(visible + 1);
    Operand<TInt32> last = tf.math.mul(batch, tf.constant(visible + 1));
    Operand<TInt32> row = tf.math.add(rank, tf.math.add(first, tf.constant(1)));
    Operand<TInt32> sources =
        tf.concat(List.of(first, tf.select(isHidden(), last, row)), tf.constant(1));
    return gather(calc.concat(0, List.of(rows, fill)), sources);
  }

  /**
   * The sum of the rows that {@link #restore} filled in.
   *
   * @param rows [batch * (N+1), width]
   * @return [1, width]
   */
  Operand<TFloat32> sumOfHidden(Operand<TFloat32> rows) {
    Operand<TInt32> before = calc.tf().constant(new int[][] {{0, 0}, {1, 0}});
    Operand<TFloat32> marks = calc.tf().pad(hidden(), before, calc.constant(0));
    return calc.matMulLeftTransposed(calc.reshape(marks, -1, 1), rows);
  }

  /** The number of every image's first row where each has so many: [batch, 1]. */
  private Operand<TInt32> firstRows(int rowsOfImage) {
    Ops tf = calc.tf();
    Operand<TInt32> count = tf.reshape(batch, tf.constant(new int[0]));
    Operand<TInt32> images = tf.range(tf.constant(0), count, tf.constant(1));
    return tf.reshape(tf.math.mul(images, tf.constant(rowsOfImage)), ints(-1, 1));
  }

  private Operand<TFloat32> gather(Operand<TFloat32> rows, Operand<TInt32> numbers) {
    return calc.tf().gather(rows, flat(numbers), calc.tf().constant(0));
  }

  private Operand<TInt32> flat(Operand<TInt32> numbers) {
    return calc.tf().reshape(numbers, ints(-1));
  }

  private Operand<TInt32> ints(int... values) {
    return calc.tf().constant(values);
  }
}
