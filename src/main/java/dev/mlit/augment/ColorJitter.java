package dev.mlit.augment;

import dev.mlit.spec.AugmentationSpec;
import dev.mlit.spec.seed.RandomStream;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Sum;
import org.tensorflow.op.math.Mean;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Changes of the colours of a batch, image by image: those of torchvision's ColorJitter, in a fixed
 * order. After each change, values are clipped to [0, 1].
 */
final class ColorJitter {
  /** Weights of red, green and blue in a gray (ITU-R BT.601). */
  private static final float[] LUMA = {0.299f, 0.587f, 0.114f};

  private final Ops tf;
  private final int channels;

  ColorJitter(Ops tf, int channels) {
    this.tf = tf;
    this.channels = channels;
  }

  /**
   * Changes a batch by what is drawn.
   *
   * @param images [images, height, width, channels] in [0, 1]
   */
  Operand<TFloat32> apply(
      Operand<TFloat32> images, AugmentationSpec.ColorJitter spec, Draws draws) {
    Operand<TFloat32> changed = images;
    if (spec.brightness() > 0) {
      changed = brightness(changed, factor(draws, RandomStream.BRIGHTNESS, spec.brightness()));
    }
    if (spec.contrast() > 0) {
      changed = contrast(changed, factor(draws, RandomStream.CONTRAST, spec.contrast()));
    }
    if (spec.saturation() > 0) {
      changed = saturation(changed, factor(draws, RandomStream.SATURATION, spec.saturation()));
    }
    if (spec.hue() > 0) {
      changed = hue(changed, draws.uniform(RandomStream.HUE, -spec.hue(), spec.hue()));
    }
    return changed;
  }

  private static Operand<TFloat32> factor(Draws draws, RandomStream stream, double most) {
    return draws.uniform(stream, 1 - most, 1 + most);
  }

  /** Multiplies all values by a factor. */
  Operand<TFloat32> brightness(Operand<TFloat32> images, Operand<TFloat32> factor) {
    return cutOff(tf.math.mul(images, each(factor)));
  }

  /** Multiplies the distance to the image's mean gray by a factor. */
  Operand<TFloat32> contrast(Operand<TFloat32> images, Operand<TFloat32> factor) {
    Operand<TInt32> pixels = tf.constant(new int[] {1, 2, 3});
    return away(tf.math.mean(gray(images), pixels, Mean.keepDims(true)), images, factor);
  }

  /** Multiplies the distance to the pixel's gray by a factor. */
  Operand<TFloat32> saturation(Operand<TFloat32> images, Operand<TFloat32> factor) {
    return away(gray(images), images, factor);
  }

  /** Rotates the hue; 1 is a full turn. */
  Operand<TFloat32> hue(Operand<TFloat32> images, Operand<TFloat32> turn) {
    Operand<TFloat32> hsv = tf.image.rgbToHsv(images);
    // The hue only, of hue, saturation and value.
    Operand<TFloat32> hue = tf.constant(new float[] {1, 0, 0});
    Operand<TFloat32> turned = tf.math.add(hsv, tf.math.mul(each(turn), hue));
    Operand<TFloat32> around = tf.math.sub(turned, tf.math.mul(tf.math.floor(turned), hue));
    return tf.image.hsvToRgb(around);
  }

  private Operand<TFloat32> away(
      Operand<TFloat32> from, Operand<TFloat32> images, Operand<TFloat32> factor) {
    return cutOff(tf.math.add(from, tf.math.mul(each(factor), tf.math.sub(images, from))));
  }

  private Operand<TFloat32> gray(Operand<TFloat32> images) {
    return channels == 1
        ? images
        : tf.sum(tf.math.mul(images, tf.constant(LUMA)), tf.constant(3), Sum.keepDims(true));
  }

  private Operand<TFloat32> cutOff(Operand<TFloat32> images) {
    return tf.clipByValue(images, tf.constant(0f), tf.constant(1f));
  }

  /** [images] to [images, 1, 1, 1]. */
  private Operand<TFloat32> each(Operand<TFloat32> factors) {
    return tf.reshape(factors, tf.constant(new int[] {-1, 1, 1, 1}));
  }
}
