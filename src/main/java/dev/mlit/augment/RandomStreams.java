package dev.mlit.augment;

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
final class RandomStreams {
  /**
   * What numbers are for; each has numbers of its own. Another key is another run: never change
   * one. Keys are below 32: what lies beyond belongs to masks, drops and gate noise.
   */
  enum Purpose {
    FLIP(1),
    CROP_SCALE(2),
    CROP_RATIO(3),
    CROP_LEFT(4),
    CROP_TOP(5),
    SHIFT_X(6),
    SHIFT_Y(7),
    ROTATION(8),
    TRANSLATION_X(9),
    TRANSLATION_Y(10),
    BRIGHTNESS(11),
    CONTRAST(12),
    SATURATION(13),
    HUE(14),
    ERASING(15),
    ERASING_AREA(16),
    ERASING_RATIO(17),
    ERASING_LEFT(18),
    ERASING_TOP(19),
    ERASING_NOISE(20),
    MIXING(21),
    MIXUP_OR_CUTMIX(22),
    MIXUP_FIRST(23),
    MIXUP_SECOND(24),
    CUTMIX_FIRST(25),
    CUTMIX_SECOND(26),
    CUTMIX_X(27),
    CUTMIX_Y(28),
    OPERATIONS(29),
    VERTICAL_FLIP(30),
    QUARTER_TURNS(31);

    private final long key;

    Purpose(long key) {
      this.key = key << 32;
    }
  }

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
  RandomStreams(Ops tf, Operand<TInt64> seed, Operand<TInt64> step, Operand<TInt32> images) {
    this.tf = tf;
    this.seed = seed;
    this.step = step;
    this.images = images;
  }

  /** A number in [0, 1) for every image: [images]. */
  Operand<TFloat32> uniform(Purpose purpose) {
    return uniform(purpose, new int[0]);
  }

  /** A number between two for every image: [images]. */
  Operand<TFloat32> uniform(Purpose purpose, double low, double high) {
    return tf.math.add(
        tf.constant((float) low), tf.math.mul(uniform(purpose), tf.constant((float) (high - low))));
  }

  /** A number between two for every image, drawn on a logarithmic scale: [images]. */
  Operand<TFloat32> logUniform(Purpose purpose, double low, double high) {
    return tf.math.exp(uniform(purpose, Math.log(low), Math.log(high)));
  }

  /** True for this share of the images: [images]. */
  Operand<TBool> coin(Purpose purpose, double chance) {
    return tf.math.less(uniform(purpose), tf.constant((float) chance));
  }

  /** Numbers in [0, 1): [images, sizes...]. */
  Operand<TFloat32> uniform(Purpose purpose, int... sizes) {
    return tf.random.statelessRandomUniform(shape(sizes), seed(purpose));
  }

  /**
   * A number of Beta(alpha, alpha) for every image, as x / (x + y) of two of Gamma(alpha):
   * [images].
   */
  Operand<TFloat32> beta(Purpose first, Purpose second, double alpha) {
    Operand<TFloat64> x = gamma(first, alpha);
    Operand<TFloat64> sum = tf.math.add(x, gamma(second, alpha));
    // With a very small alpha both may be too small for a number; the share is near 0 or 1 then.
    Operand<TBool> none = tf.math.equal(sum, tf.constant(0.0));
    Operand<TFloat64> share = tf.math.divNoNan(x, sum);
    return tf.dtypes.cast(tf.select(none, tf.onesLike(share), share), TFloat32.class);
  }

  private Operand<TFloat64> gamma(Purpose purpose, double alpha) {
    StatelessRandomGetKeyCounter key = tf.random.statelessRandomGetKeyCounter(seed(purpose));
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

  private Operand<TInt64> seed(Purpose purpose) {
    return tf.stack(List.of(tf.math.add(seed, tf.constant(purpose.key)), step));
  }
}
