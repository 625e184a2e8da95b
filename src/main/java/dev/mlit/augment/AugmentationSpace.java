package dev.mlit.augment;

import dev.mlit.spec.ImageShape;

/**
 * The operations that RandAugment and TrivialAugment draw from, and how strong each may be: those
 * of torchvision 0.28, to the last bit of its magnitudes on processors that multiply and add in one
 * operation.
 */
final class AugmentationSpace {
  /** In torchvision's order. */
  enum Operation {
    IDENTITY(false),
    SHEAR_X(true),
    SHEAR_Y(true),
    TRANSLATE_X(true),
    TRANSLATE_Y(true),
    ROTATE(true),
    BRIGHTNESS(true),
    COLOR(true),
    CONTRAST(true),
    SHARPNESS(true),
    POSTERIZE(false),
    SOLARIZE(false),
    AUTO_CONTRAST(false),
    EQUALIZE(false);

    private final boolean signed;

    Operation(boolean signed) {
      this.signed = signed;
    }

    /** Whether a coin decides if the magnitude is negative. */
    boolean isSigned() {
      return signed;
    }
  }

  private static final int BITS = 8;

  private final int bins;
  private final float shear;
  private final float translateX;
  private final float translateY;
  private final float rotate;
  private final float blend;
  private final int posterize;

  private AugmentationSpace(
      int bins,
      double shear,
      double translateX,
      double translateY,
      double rotate,
      double blend,
      int posterize) {
    this.bins = bins;
    this.shear = (float) shear;
    this.translateX = (float) translateX;
    this.translateY = (float) translateY;
    this.rotate = (float) rotate;
    this.blend = (float) blend;
    this.posterize = posterize;
  }

  /** That of RandAugment. */
  static AugmentationSpace randAugment(int bins, ImageShape shape) {
    return new AugmentationSpace(
        bins, 0.3, 150.0 / 331.0 * shape.width(), 150.0 / 331.0 * shape.height(), 30, 0.9, 4);
  }

  /** That of TrivialAugmentWide, whose translations are the same pixels for images of any size. */
  static AugmentationSpace trivialAugmentWide(int bins) {
    return new AugmentationSpace(bins, 0.99, 32, 32, 135, 0.99, 6);
  }

  /**
   * How strong an operation is.
   *
   * @param bin from 0 to bins - 1
   * @return the shear as a tangent, the translation in pixels, the rotation in degrees, the change
   *     of a factor from 1, the bits that posterize leaves, or the least value that solarize
   *     inverts; 0 for an operation that has no magnitude
   */
  float magnitude(Operation operation, int bin) {
    return switch (operation) {
      case IDENTITY, AUTO_CONTRAST, EQUALIZE -> 0;
      case SHEAR_X, SHEAR_Y -> between(0, shear, bin);
      case TRANSLATE_X -> between(0, translateX, bin);
      case TRANSLATE_Y -> between(0, translateY, bin);
      case ROTATE -> between(0, rotate, bin);
      case BRIGHTNESS, COLOR, CONTRAST, SHARPNESS -> between(0, blend, bin);
      case POSTERIZE -> BITS - (float) Math.rint(bin / (float) ((bins - 1) / (double) posterize));
      case SOLARIZE -> between(255, 0, bin);
    };
  }

  /** As torch.linspace computes it, from either end to the middle. */
  private float between(float start, float end, int bin) {
    float step = (end - start) / (bins - 1);
    return bin < bins / 2
        ? Math.fma(step, (float) bin, start)
        : Math.fma(-step, (float) (bins - 1 - bin), end);
  }
}
