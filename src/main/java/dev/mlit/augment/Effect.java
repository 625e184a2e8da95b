package dev.mlit.augment;

import dev.mlit.augment.AugmentationSpace.Operation;
import dev.mlit.spec.ImageShape;

/**
 * What one operation at one magnitude does to an image, as the parameters of three steps of which
 * at most one changes anything: a {@link NearestAffine}, a {@link Blending} and a {@link
 * ToneCurve}. With every image's parameters in a tensor, a batch of different operations goes
 * through the three steps once, not through all operations.
 */
final class Effect {
  /** Where the parameters of {@link NearestAffine} begin. */
  static final int AFFINE = 0;

  /** Factor of the image in {@link Blending}. */
  static final int IMAGE = 6;

  /** Factor of the pixel's gray. */
  static final int GRAY = 7;

  /** Factor of the image's mean gray. */
  static final int MEAN = 8;

  /** Factor of the blurred image. */
  static final int BLURRED = 9;

  /** Bits that posterize leaves of a value, in {@link ToneCurve}. */
  static final int MASK = 10;

  /** Least value that is inverted. */
  static final int THRESHOLD = 11;

  /** 1 to stretch the contrast. */
  static final int AUTO_CONTRAST = 12;

  /** 1 to equalize the histogram. */
  static final int EQUALIZE = 13;

  /** Number of parameters. */
  static final int PARAMETERS = 14;

  private static final int ALL_BITS = 255;

  /** Above every value, so that none is inverted. */
  private static final float NEVER = 256;

  private final ImageShape shape;
  private final float[] parameters = new float[PARAMETERS];

  private Effect(ImageShape shape) {
    this.shape = shape;
    affine(0, 0, 0, 0, 0, false);
    parameters[IMAGE] = 1;
    parameters[MASK] = ALL_BITS;
    parameters[THRESHOLD] = NEVER;
  }

  /**
   * The parameters of an operation.
   *
   * @param magnitude as of {@link AugmentationSpace#magnitude}, or its negative
   */
  static float[] of(Operation operation, float magnitude, ImageShape shape) {
    Effect effect = new Effect(shape);
    effect.set(operation, magnitude);
    return effect.parameters;
  }

  private void set(Operation operation, float magnitude) {
    switch (operation) {
      case IDENTITY -> {}
      case SHEAR_X -> affine(0, 0, 0, shear(magnitude), 0, true);
      case SHEAR_Y -> affine(0, 0, 0, 0, shear(magnitude), true);
      case TRANSLATE_X -> affine(0, (int) magnitude, 0, 0, 0, false);
      case TRANSLATE_Y -> affine(0, 0, (int) magnitude, 0, 0, false);
      case ROTATE -> affine(-magnitude, 0, 0, 0, 0, false);
      case BRIGHTNESS -> parameters[IMAGE] = (float) (1.0 + magnitude);
      case COLOR -> {
        if (shape.channels() > 1) {
          blend(GRAY, magnitude);
        }
      }
      case CONTRAST -> blend(MEAN, magnitude);
      case SHARPNESS -> {
        // A smaller image has no pixels but those of its edge, which are not blurred.
        if (shape.height() > 2 && shape.width() > 2) {
          blend(BLURRED, magnitude);
        }
      }
      case POSTERIZE -> parameters[MASK] = ALL_BITS & -(1 << (8 - (int) magnitude));
      case SOLARIZE -> parameters[THRESHOLD] = magnitude;
      case AUTO_CONTRAST -> parameters[AUTO_CONTRAST] = 1;
      case EQUALIZE -> parameters[EQUALIZE] = 1;
    }
  }

  private void blend(int with, float magnitude) {
    double ratio = 1.0 + magnitude;
    parameters[IMAGE] = (float) ratio;
    parameters[with] = (float) (1.0 - ratio);
  }

  private static double shear(float tangent) {
    return Math.toDegrees(Math.atan(tangent));
  }

  /**
   * Sets where the pixel (x, y) of the result is found, both counted from the middle of the image:
   * the inverse of torchvision's affine transform, in halves of the width and of the height.
   *
   * @param degrees turn, clockwise
   * @param x pixels to the right
   * @param y pixels down
   * @param shearX degrees
   * @param shearY degrees
   * @param corner true if the upper left corner stays where it is, false if the middle does
   */
  private void affine(
      double degrees, double x, double y, double shearX, double shearY, boolean corner) {
    double turn = Math.toRadians(degrees);
    double sx = Math.toRadians(shearX);
    double sy = Math.toRadians(shearY);
    double centerX = corner ? -shape.width() * 0.5 : 0;
    double centerY = corner ? -shape.height() * 0.5 : 0;
    double a = Math.cos(turn - sy) / Math.cos(sy);
    double b = -Math.cos(turn - sy) * Math.tan(sx) / Math.cos(sy) - Math.sin(turn);
    double c = Math.sin(turn - sy) / Math.cos(sy);
    double d = -Math.sin(turn - sy) * Math.tan(sx) / Math.cos(sy) + Math.cos(turn);
    double moveX = d * (-centerX - x) + -b * (-centerY - y) + centerX;
    double moveY = -c * (-centerX - x) + a * (-centerY - y) + centerY;
    halves(AFFINE, shape.width(), d, -b, moveX);
    halves(AFFINE + 3, shape.height(), -c, a, moveY);
  }

  private void halves(int at, int side, double... row) {
    for (int i = 0; i < row.length; i++) {
      parameters[at + i] = (float) row[i] / (float) (0.5 * side);
    }
  }
}
