package dev.mlit.augment;

import dev.mlit.spec.AugmentationSpec;
import dev.mlit.spec.AugmentationSpec.ResizedCrop;
import dev.mlit.spec.seed.RandomStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Stack;
import org.tensorflow.op.image.ImageProjectiveTransformV3;
import org.tensorflow.types.TFloat32;

/**
 * Crops, flip, rotation and translation of a batch as one projective transform, so that every pixel
 * is interpolated once.
 *
 * <p>A pixel at (x, y) of the result is seen from the middle c of the image, moved by -t, turned by
 * the angle, mirrored, put back and moved by a whole number of pixels, and lands in the part that
 * is cut out: scale * (f R (x - c - t) + c + shift) + offset. The corners of the part are the
 * corners of the result, as in TensorFlow's CropAndResize; so nothing beyond it is looked at, and
 * the whole image as the part is the image bit for bit.
 */
final class Geometry {
  private final Ops tf;
  private final int height;
  private final int width;

  Geometry(Ops tf, int height, int width) {
    this.tf = tf;
    this.height = height;
    this.width = width;
  }

  /**
   * The changes of every image; all [images].
   *
   * @param mirror -1 to mirror, 1 to leave
   * @param angle in radians, counterclockwise
   * @param moveX pixels to the right
   * @param moveY pixels down
   * @param shiftX pixels that the crop lies to the right
   * @param shiftY pixels that the crop lies further down
   * @param part what is cut out
   */
  record Change(
      Operand<TFloat32> mirror,
      Operand<TFloat32> angle,
      Operand<TFloat32> moveX,
      Operand<TFloat32> moveY,
      Operand<TFloat32> shiftX,
      Operand<TFloat32> shiftY,
      Part part) {}

  /**
   * A part of every image, as shares of its height and width; all [images].
   *
   * @param top what is above
   * @param left what is left of it
   */
  record Part(
      Operand<TFloat32> top,
      Operand<TFloat32> left,
      Operand<TFloat32> height,
      Operand<TFloat32> width) {}

  /** True if there is more to do than to mirror, for which no pixel need be computed. */
  static boolean resamples(AugmentationSpec spec) {
    return spec.randomResizedCrop() != null
        || spec.randomCrop() != null
        || spec.rotation() > 0
        || spec.translation() > 0;
  }

  /**
   * Draws the changes of a step's images.
   *
   * @param none [images], zeros
   */
  Change draw(AugmentationSpec spec, Draws draws, Operand<TFloat32> none) {
    Operand<TFloat32> one = tf.math.add(none, tf.constant(1f));
    double angle = Math.toRadians(spec.rotation());
    AugmentationSpec.PaddedCrop crop = spec.randomCrop();
    return new Change(
        spec.flip() ? tf.select(draws.coin(RandomStream.FLIP, 0.5), tf.math.neg(one), one) : one,
        angle == 0 ? none : draws.uniform(RandomStream.ROTATION, -angle, angle),
        translation(spec, draws, RandomStream.TRANSLATION_X, width, none),
        translation(spec, draws, RandomStream.TRANSLATION_Y, height, none),
        crop == null ? none : shift(draws, RandomStream.SHIFT_X, crop.padding()),
        crop == null ? none : shift(draws, RandomStream.SHIFT_Y, crop.padding()),
        part(spec.randomResizedCrop(), draws, none, one));
  }

  private Operand<TFloat32> translation(
      AugmentationSpec spec, Draws draws, RandomStream stream, int side, Operand<TFloat32> none) {
    double most = spec.translation() * side;
    return most == 0 ? none : tf.math.rint(draws.uniform(stream, -most, most));
  }

  /** One of -padding, ..., padding, all with the same chance. */
  private Operand<TFloat32> shift(Draws draws, RandomStream stream, int padding) {
    return tf.math.floor(draws.uniform(stream, -padding, padding + 1));
  }

  /**
   * A part of the drawn area and width by height; where that is longer than the image, it is as
   * long as the image and of that area.
   */
  private Part part(
      @Nullable ResizedCrop spec, Draws draws, Operand<TFloat32> none, Operand<TFloat32> one) {
    if (spec == null) {
      return new Part(none, none, one, one);
    }
    Operand<TFloat32> area =
        draws.uniform(RandomStream.CROP_SCALE, spec.scale().get(0), spec.scale().get(1));
    Operand<TFloat32> ratio =
        draws.logUniform(RandomStream.CROP_RATIO, spec.ratio().get(0), spec.ratio().get(1));
    // In shares of the sides: w h = area, and w width / (h height) = ratio.
    Operand<TFloat32> wanted =
        tf.math.sqrt(tf.math.mul(area, tf.math.mul(ratio, tf.constant((float) height / width))));
    Operand<TFloat32> w = tf.math.minimum(tf.math.maximum(wanted, area), one);
    Operand<TFloat32> h = tf.math.minimum(tf.math.div(area, w), one);
    return new Part(
        tf.math.mul(draws.uniform(RandomStream.CROP_TOP), tf.math.sub(one, h)),
        tf.math.mul(draws.uniform(RandomStream.CROP_LEFT), tf.math.sub(one, w)),
        h,
        w);
  }

  /**
   * Changes a batch.
   *
   * @param images [images, height, width, channels]
   */
  Operand<TFloat32> apply(Operand<TFloat32> images, Change change, AugmentationSpec.Fill fill) {
    return tf.image.imageProjectiveTransformV3(
        images,
        transforms(change),
        tf.constant(new int[] {height, width}),
        tf.constant(0f),
        "BILINEAR",
        ImageProjectiveTransformV3.fillMode(
            fill == AugmentationSpec.Fill.BLACK
                ? "CONSTANT"
                : fill.name().toUpperCase(Locale.ROOT)));
  }

  /** Where the pixel (x, y) of the result is found: (a x + b y + c, d x + e y + f). */
  private Operand<TFloat32> transforms(Change change) {
    Operand<TFloat32> cos = tf.math.cos(change.angle);
    Operand<TFloat32> sin = tf.math.sin(change.angle);
    Operand<TFloat32> none = tf.zerosLike(cos);
    Operand<TFloat32> middleX = tf.constant((width - 1) / 2f);
    Operand<TFloat32> middleY = tf.constant((height - 1) / 2f);
    Operand<TFloat32> x = tf.math.neg(tf.math.add(change.moveX, middleX));
    Operand<TFloat32> y = tf.math.neg(tf.math.add(change.moveY, middleY));
    // Rows point down, so that this turns counterclockwise to the eye.
    Operand<TFloat32> turnedX = tf.math.sub(tf.math.mul(cos, x), tf.math.mul(sin, y));
    Operand<TFloat32> turnedY = tf.math.add(tf.math.mul(sin, x), tf.math.mul(cos, y));
    Operand<TFloat32> scaleX = tf.math.mul(change.part.width, change.mirror);
    Operand<TFloat32> scaleY = change.part.height;
    Operand<TFloat32> c =
        within(
            tf.math.add(tf.math.mul(change.mirror, turnedX), middleX),
            change.shiftX,
            change.part.width,
            change.part.left,
            width);
    Operand<TFloat32> f =
        within(
            tf.math.add(turnedY, middleY),
            change.shiftY,
            change.part.height,
            change.part.top,
            height);
    return tf.stack(
        List.of(
            tf.math.mul(scaleX, cos),
            tf.math.neg(tf.math.mul(scaleX, sin)),
            c,
            tf.math.mul(scaleY, sin),
            tf.math.mul(scaleY, cos),
            f,
            none,
            none),
        Stack.axis(1L));
  }

  private Operand<TFloat32> within(
      Operand<TFloat32> at,
      Operand<TFloat32> shift,
      Operand<TFloat32> scale,
      Operand<TFloat32> offset,
      int side) {
    return tf.math.add(
        tf.math.mul(scale, tf.math.add(at, shift)),
        tf.math.mul(offset, tf.constant((float) (side - 1))));
  }
}
