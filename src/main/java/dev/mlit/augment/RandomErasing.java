package dev.mlit.augment;

import dev.mlit.spec.AugmentationSpec;
import dev.mlit.spec.seed.RandomStream;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Random erasing (Zhong et al. 2020): covers a rectangle of some images with noise, uniform in [0,
 * 1), the best variant of the paper.
 */
final class RandomErasing {
  private final Ops tf;
  private final int height;
  private final int width;
  private final int channels;

  RandomErasing(Ops tf, int height, int width, int channels) {
    this.tf = tf;
    this.height = height;
    this.width = width;
    this.channels = channels;
  }

  /**
   * Erases in a batch what is drawn.
   *
   * @param images [images, height, width, channels] in [0, 1]
   */
  Operand<TFloat32> apply(
      Operand<TFloat32> images, AugmentationSpec.RandomErasing spec, Draws draws) {
    Rectangles rectangles = draw(spec, draws);
    Operand<TFloat32> noise = draws.uniform(RandomStream.ERASING_NOISE, height, width, channels);
    return tf.select(rectangles.inside(tf, height, width), noise, images);
  }

  /**
   * Draws a rectangle of random area, height by width, and place, up to rounding. A side that would
   * be longer than the image's is as long as the image's, and the other one keeps the area. An
   * image that is not chosen gets an empty rectangle.
   */
  Rectangles draw(AugmentationSpec.RandomErasing spec, Draws draws) {
    Operand<TFloat32> pixels =
        tf.math.mul(
            draws.uniform(RandomStream.ERASING_AREA, spec.area().get(0), spec.area().get(1)),
            tf.constant((float) height * width));
    Operand<TFloat32> ratio =
        draws.logUniform(RandomStream.ERASING_RATIO, spec.ratio().get(0), spec.ratio().get(1));
    Operand<TFloat32> least = tf.math.ceil(tf.math.div(pixels, tf.constant((float) width)));
    Operand<TFloat32> h =
        tf.math.minimum(
            tf.math.maximum(tf.math.rint(tf.math.sqrt(tf.math.mul(pixels, ratio))), least),
            tf.constant((float) height));
    Operand<TFloat32> w =
        tf.clipByValue(
            tf.math.rint(tf.math.div(pixels, h)), tf.constant(1f), tf.constant((float) width));
    Operand<TFloat32> top = first(draws, RandomStream.ERASING_TOP, h, height);
    Operand<TFloat32> left = first(draws, RandomStream.ERASING_LEFT, w, width);
    Operand<TFloat32> drawn =
        tf.dtypes.cast(draws.coin(RandomStream.ERASING, spec.probability()), TFloat32.class);
    return new Rectangles(
        top,
        left,
        tf.math.add(top, tf.math.mul(drawn, h)),
        tf.math.add(left, tf.math.mul(drawn, w)));
  }

  /** One of the places 0, ..., side - length, all with the same chance. */
  private Operand<TFloat32> first(
      Draws draws, RandomStream stream, Operand<TFloat32> length, int side) {
    Operand<TFloat32> places = tf.math.sub(tf.constant(side + 1f), length);
    return tf.math.floor(tf.math.mul(draws.uniform(stream), places));
  }
}
