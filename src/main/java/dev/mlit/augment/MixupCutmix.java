package dev.mlit.augment;

import dev.mlit.spec.AugmentationSpec;
import dev.mlit.spec.seed.RandomStream;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;

/**
 * Mixup (Zhang et al. 2018) and CutMix (Yun et al. 2019): every image is mixed with another one,
 * and its target with the other's target in the same proportion. Batches are shuffled, so the other
 * one is the image at the same place from the end, as in timm.
 */
final class MixupCutmix {
  private final Ops tf;
  private final int height;
  private final int width;

  MixupCutmix(Ops tf, int height, int width) {
    this.tf = tf;
    this.height = height;
    this.width = width;
  }

  /**
   * The weights of every image in its mixture.
   *
   * @param pixels the weight of its pixels, [images, height, width, 1], or [images, 1, 1, 1]
   * @param target the weight of its target, [images]
   */
  record Shares(Operand<TFloat32> pixels, Operand<TFloat32> target) {}

  /** Draws the weights of a step's images. */
  Shares draw(AugmentationSpec spec, Draws draws) {
    Shares shares;
    if (spec.cutmix() == 0) {
      shares = mixup(lambdaOfMixup(spec, draws));
    } else if (spec.mixup() == 0) {
      shares = cutmix(rectangles(spec, draws));
    } else {
      shares =
          select(
              draws.coin(RandomStream.MIXUP_OR_CUTMIX, 0.5),
              mixup(lambdaOfMixup(spec, draws)),
              cutmix(rectangles(spec, draws)));
    }
    if (spec.mixProbability() < 1) {
      Shares unmixed = mixup(tf.onesLike(shares.target));
      return select(draws.coin(RandomStream.MIXING, spec.mixProbability()), shares, unmixed);
    }
    return shares;
  }

  private static Operand<TFloat32> lambdaOfMixup(AugmentationSpec spec, Draws draws) {
    return draws.beta(RandomStream.MIXUP_FIRST, RandomStream.MIXUP_SECOND, spec.mixup());
  }

  private Rectangles rectangles(AugmentationSpec spec, Draws draws) {
    return rectangles(
        draws.beta(RandomStream.CUTMIX_FIRST, RandomStream.CUTMIX_SECOND, spec.cutmix()),
        draws.uniform(RandomStream.CUTMIX_X),
        draws.uniform(RandomStream.CUTMIX_Y));
  }

  /**
   * The rectangles of the published code: sqrt(1 - lambda) of the sides, around a pixel, cut off at
   * the image's edge.
   *
   * @param lambda share that is left of the image, before the edge cuts something off
   * @param x where the middle is, as a share of the width
   * @param y where the middle is, as a share of the height
   */
  Rectangles rectangles(Operand<TFloat32> lambda, Operand<TFloat32> x, Operand<TFloat32> y) {
    Operand<TFloat32> side = tf.math.sqrt(tf.math.sub(tf.constant(1f), lambda));
    return new Rectangles(
        end(y, side, height, -1),
        end(x, side, width, -1),
        end(y, side, height, 1),
        end(x, side, width, 1));
  }

  private Operand<TFloat32> end(
      Operand<TFloat32> middle, Operand<TFloat32> share, int side, int direction) {
    Operand<TFloat32> length = tf.constant((float) side);
    Operand<TFloat32> half =
        tf.math.floor(tf.math.mul(tf.math.floor(tf.math.mul(share, length)), tf.constant(0.5f)));
    Operand<TFloat32> at =
        tf.math.add(
            tf.math.floor(tf.math.mul(middle, length)),
            tf.math.mul(half, tf.constant((float) direction)));
    return tf.clipByValue(at, tf.constant(0f), length);
  }

  /** The weights of a sum of both images: lambda for the image, and for its target. */
  Shares mixup(Operand<TFloat32> lambda) {
    return new Shares(tf.reshape(lambda, tf.constant(new int[] {-1, 1, 1, 1})), lambda);
  }

  /**
   * The weights where the other image fills the rectangle: the target's is the area that is left.
   */
  Shares cutmix(Rectangles rectangles) {
    Operand<TBool> inside = rectangles.inside(tf, height, width);
    Operand<TFloat32> pixels = tf.dtypes.cast(tf.math.logicalNot(inside), TFloat32.class);
    Operand<TFloat32> pixelCount = tf.constant((float) height * width);
    return new Shares(
        pixels, tf.math.div(tf.math.sub(pixelCount, rectangles.area(tf)), pixelCount));
  }

  private Shares select(Operand<TBool> first, Shares a, Shares b) {
    return new Shares(
        tf.select(tf.reshape(first, tf.constant(new int[] {-1, 1, 1, 1})), a.pixels, b.pixels),
        tf.select(first, a.target, b.target));
  }

  /** Mixes a batch. */
  Augmentations.Augmented apply(Augmentations.Augmented batch, Shares shares) {
    Operand<TFloat32> share = tf.reshape(shares.target, tf.constant(new int[] {-1, 1}));
    return new Augmentations.Augmented(
        mixed(batch.images(), shares.pixels), mixed(batch.targets(), share));
  }

  private Operand<TFloat32> mixed(Operand<TFloat32> values, Operand<TFloat32> share) {
    Operand<TFloat32> other = tf.reverse(values, tf.constant(new int[] {0}));
    return tf.math.add(
        tf.math.mul(share, values), tf.math.mul(tf.math.sub(tf.constant(1f), share), other));
  }
}
