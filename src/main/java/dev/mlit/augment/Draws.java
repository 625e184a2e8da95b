package dev.mlit.augment;

import dev.mlit.spec.seed.RandomStream;
import dev.mlit.tensorflow.StepSeed;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.random.StatelessRandomGetKeyCounter;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * Random numbers for the images of a batch: a function of the run's seed, the step and what they
 * are for, and of nothing else, so that a run can be repeated, and go on where it was left.
 */
final class Draws {
  private final Ops tf;
  private final Operand<TInt64> seed;
  private final Operand<TInt64> step;
  private final Operand<TInt32> images;

  /**
   * Numbers of a step.
   *
   * @param seed a scalar
   * @param step a scalar
   * @param images the number of images, a scalar
   */
  Draws(Ops tf, Operand<TInt64> seed, Operand<TInt64> step, Operand<TInt32> images) {
    this.tf = tf;
    this.seed = seed;
    this.step = step;
    this.images = images;
  }

  /** A number in [0, 1) for every image: [images]. */
  Operand<TFloat32> uniform(RandomStream stream) {
    return uniform(stream, new int[0]);
  }

  /** A number between two for every image: [images]. */
  Operand<TFloat32> uniform(RandomStream stream, double low, double high) {
    return tf.math.add(
        tf.constant((float) low), tf.math.mul(uniform(stream), tf.constant((float) (high - low))));
  }

  /** A number between two for every image, drawn on a logarithmic scale: [images]. */
  Operand<TFloat32> logUniform(RandomStream stream, double low, double high) {
    return tf.math.exp(uniform(stream, Math.log(low), Math.log(high)));
  }

  /** True with this probability, for every image: [images]. */
  Operand<TBool> coin(RandomStream stream, double chance) {
    return tf.math.less(uniform(stream), tf.constant((float) chance));
  }

  /** Numbers in [0, 1): [images, sizes...]. */
  Operand<TFloat32> uniform(RandomStream stream, int... sizes) {
    return tf.random.statelessRandomUniform(shape(sizes), seed(stream));
  }

  /**
   * A number of Beta(alpha, alpha) for every image, as x / (x + y) of two of Gamma(alpha):
   * [images].
   */
  Operand<TFloat32> beta(RandomStream first, RandomStream second, double alpha) {
    Operand<TFloat64> x = gamma(first, alpha);
    Operand<TFloat64> sum = tf.math.add(x, gamma(second, alpha));
    // With a very small alpha both may be too small for a number; the share is near 0 or 1 then.
    Operand<TBool> none = tf.math.equal(sum, tf.constant(0.0));
    Operand<TFloat64> share = tf.math.divNoNan(x, sum);
    return tf.dtypes.cast(tf.select(none, tf.onesLike(share), share), TFloat32.class);
  }

  private Operand<TFloat64> gamma(RandomStream stream, double alpha) {
    StatelessRandomGetKeyCounter key = tf.random.statelessRandomGetKeyCounter(seed(stream));
    return tf.random.statelessRandomGamma(
        shape(),
        key.key(),
        key.counter(),
        tf.random.statelessRandomGetAlg().alg(),
        tf.constant(alpha));
  }

  private Operand<TInt32> shape(int... sizes) {
    Operand<TInt32> batch = tf.reshape(images, tf.constant(new int[] {1}));
    return sizes.length == 0
        ? batch
        : tf.concat(List.of(batch, tf.constant(sizes)), tf.constant(0));
  }

  private Operand<TInt64> seed(RandomStream stream) {
    return StepSeed.of(tf, seed, stream.key(), step);
  }
}
