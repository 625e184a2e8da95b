package dev.mlit.spec;

import dev.mlit.spec.AugmentationSpec.ColorJitter;
import dev.mlit.spec.AugmentationSpec.Fill;
import dev.mlit.spec.AugmentationSpec.PaddedCrop;
import dev.mlit.spec.AugmentationSpec.RandAugment;
import dev.mlit.spec.AugmentationSpec.RandomErasing;
import dev.mlit.spec.AugmentationSpec.ResizedCrop;
import dev.mlit.spec.AugmentationSpec.TrivialAugmentWide;
import java.util.List;

/**
 * Collects the fields of an {@link AugmentationSpec}; all are off unless set.
 *
 * <p>A value out of its range is refused in {@link RunSpecBuilder#build}, a field that is set again
 * to another value with an {@link IllegalStateException}.
 *
 * @since 0.1.0
 */
public final class AugmentationSpecBuilder {
  private final Draft<AugmentationSpec> fields;

  AugmentationSpecBuilder(Draft<AugmentationSpec> fields) {
    this.fields = fields;
  }

  AugmentationSpec spec() {
    return fields.part();
  }

  private AugmentationSpecBuilder set(String field, Object value) {
    fields.set(field, value);
    return this;
  }

  /** Mirrors every other image, left to right; false unless set. */
  public AugmentationSpecBuilder flip(boolean flip) {
    return set("flip", flip);
  }

  /**
   * Cuts a part out and stretches it to the image's size; its width is 3/4 to 4/3 of its height.
   *
   * @param leastScale least share of the image's area, above 0
   * @param mostScale most share of the image's area, at most 1
   */
  public AugmentationSpecBuilder randomResizedCrop(double leastScale, double mostScale) {
    List<Double> ratio = Draft.defaults(ResizedCrop.class).ratio();
    return randomResizedCrop(leastScale, mostScale, ratio.get(0), ratio.get(1));
  }

  /**
   * Cuts a part out and stretches it to the image's size.
   *
   * @param leastScale least share of the image's area, above 0
   * @param mostScale most share of the image's area, at most 1
   * @param leastRatio least width by height, at least 0.01
   * @param mostRatio most width by height, at most 100
   */
  public AugmentationSpecBuilder randomResizedCrop(
      double leastScale, double mostScale, double leastRatio, double mostRatio) {
    return set(
        "randomResizedCrop",
        new ResizedCrop(List.of(leastScale, mostScale), List.of(leastRatio, mostRatio)));
  }

  /** Pads the image by so many pixels on every side, 1 to 4096, and cuts its size out of that. */
  public AugmentationSpecBuilder randomCrop(int padding) {
    return set("randomCrop", new PaddedCrop(padding));
  }

  /** Turns by up to so many degrees, 0 to 180, either way; 0 unless set. */
  public AugmentationSpecBuilder rotation(double degrees) {
    return set("rotation", degrees);
  }

  /** Moves by up to this share of width and height, 0 to 1; 0 unless set. */
  public AugmentationSpecBuilder translation(double share) {
    return set("translation", share);
  }

  /** The pixels beyond the image's edge; {@link Fill#BLACK} unless set. */
  public AugmentationSpecBuilder fill(Fill fill) {
    return set("fill", fill);
  }

  /**
   * Changes the colours; all 0 unless set. A factor is drawn between 1 - x and 1 + x.
   *
   * @param brightness x of the factor of all values, 0 to 1
   * @param contrast x of the factor of the distance to the image's mean gray, 0 to 1
   * @param saturation x of the factor of the distance to the pixel's gray, 0 to 1; RGB only
   * @param hue most turn of the hue either way, 0 to 0.5, 1 being all around; RGB only
   */
  public AugmentationSpecBuilder colorJitter(
      double brightness, double contrast, double saturation, double hue) {
    return set("colorJitter", new ColorJitter(brightness, contrast, saturation, hue));
  }

  /** Covers a rectangle of noise in this share of the images, 0 to 1. */
  public AugmentationSpecBuilder randomErasing(double probability) {
    List<Double> area = Draft.defaults(RandomErasing.class).area();
    return randomErasing(probability, area.get(0), area.get(1));
  }

  /**
   * Covers a rectangle of noise.
   *
   * @param probability share of the images that get one, 0 to 1
   * @param leastArea least share of the image's area, above 0
   * @param mostArea most share of the image's area, at most 1
   */
  public AugmentationSpecBuilder randomErasing(
      double probability, double leastArea, double mostArea) {
    List<Double> ratio = Draft.defaults(RandomErasing.class).ratio();
    return randomErasing(probability, leastArea, mostArea, ratio.get(0), ratio.get(1));
  }

  /**
   * Covers a rectangle of noise.
   *
   * @param probability share of the images that get one, 0 to 1
   * @param leastArea least share of the image's area, above 0
   * @param mostArea most share of the image's area, at most 1
   * @param leastRatio least height by width, at least 0.01
   * @param mostRatio most height by width, at most 100
   */
  public AugmentationSpecBuilder randomErasing(
      double probability, double leastArea, double mostArea, double leastRatio, double mostRatio) {
    return set(
        "randomErasing",
        new RandomErasing(
            probability, List.of(leastArea, mostArea), List.of(leastRatio, mostRatio)));
  }

  /**
   * Adds another image of the batch, by a weight of Beta(alpha, alpha), alpha 0 to 1000; 0 is off.
   */
  public AugmentationSpecBuilder mixup(double alpha) {
    return set("mixup", alpha);
  }

  /** Pastes a rectangle of another image, of an area by Beta(alpha, alpha), 0 to 1000; 0 is off. */
  public AugmentationSpecBuilder cutmix(double alpha) {
    return set("cutmix", alpha);
  }

  /** The share of the images that mixup and cutmix change, 0 to 1; 1 unless set. */
  public AugmentationSpecBuilder mixProbability(double share) {
    return set("mixProbability", share);
  }

  /** Mirrors every other image, top to bottom; false unless set. */
  public AugmentationSpecBuilder verticalFlip(boolean flip) {
    return set("verticalFlip", flip);
  }

  /** Turns by 0, 90, 180 or 270 degrees; square images only; false unless set. */
  public AugmentationSpecBuilder quarterTurns(boolean turn) {
    return set("quarterTurns", turn);
  }

  /**
   * Applies operations one after the other, drawn for every image; none unless set.
   *
   * @param operations for an image, 1 to 14, such as 2
   * @param magnitude how strong they are, 0 to 30, such as 9
   */
  public AugmentationSpecBuilder randAugment(int operations, int magnitude) {
    int bins = Draft.defaults(RandAugment.class).numMagnitudeBins();
    return randAugment(operations, magnitude, bins);
  }

  /**
   * Applies operations one after the other, drawn for every image.
   *
   * @param operations for an image, 1 to 14
   * @param magnitude how strong they are, 0 to bins - 1
   * @param bins number of magnitudes, 2 to 1000
   */
  public AugmentationSpecBuilder randAugment(int operations, int magnitude, int bins) {
    return set("randAugment", new RandAugment(operations, magnitude, bins));
  }

  /** Applies one operation at one of 31 magnitudes, both drawn; none unless set. */
  public AugmentationSpecBuilder trivialAugmentWide() {
    return set("trivialAugmentWide", Draft.defaults(TrivialAugmentWide.class));
  }

  /** Applies one operation at one of so many magnitudes, 2 to 1000, both drawn. */
  public AugmentationSpecBuilder trivialAugmentWide(int bins) {
    return set("trivialAugmentWide", new TrivialAugmentWide(bins));
  }
}
