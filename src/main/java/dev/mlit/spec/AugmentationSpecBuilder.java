package dev.mlit.spec;

import dev.mlit.spec.AugmentationSpec.ColorJitter;
import dev.mlit.spec.AugmentationSpec.Fill;
import dev.mlit.spec.AugmentationSpec.PaddedCrop;
import dev.mlit.spec.AugmentationSpec.RandAugment;
import dev.mlit.spec.AugmentationSpec.RandomErasing;
import dev.mlit.spec.AugmentationSpec.ResizedCrop;
import dev.mlit.spec.AugmentationSpec.TrivialAugmentWide;
import java.util.List;

/** Collects the fields of an {@link AugmentationSpec}; what is not set stays at its default. */
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

  /** Mirrors every other image; false unless set. */
  public AugmentationSpecBuilder flip(boolean flip) {
    return set("flip", flip);
  }

  /** Stretches a part of this share of the area, 3/4 to 4/3 as wide as high. */
  public AugmentationSpecBuilder randomResizedCrop(double leastScale, double mostScale) {
    List<Double> ratio = SpecBinder.defaults(ResizedCrop.class).ratio();
    return randomResizedCrop(leastScale, mostScale, ratio.get(0), ratio.get(1));
  }

  /** Stretches a part of this share of the area and of this width by height. */
  public AugmentationSpecBuilder randomResizedCrop(
      double leastScale, double mostScale, double leastRatio, double mostRatio) {
    return set(
        "randomResizedCrop",
        new ResizedCrop(List.of(leastScale, mostScale), List.of(leastRatio, mostRatio)));
  }

  /** Cuts the image's size out of the image with so many pixels more on every side. */
  public AugmentationSpecBuilder randomCrop(int padding) {
    return set("randomCrop", new PaddedCrop(padding));
  }

  /** Turns by up to so many degrees; 0 unless set. */
  public AugmentationSpecBuilder rotation(double degrees) {
    return set("rotation", degrees);
  }

  /** Moves by up to this share of width and height; 0 unless set. */
  public AugmentationSpecBuilder translation(double share) {
    return set("translation", share);
  }

  /** What is seen beyond the image's edge; {@link Fill#BLACK} unless set. */
  public AugmentationSpecBuilder fill(Fill fill) {
    return set("fill", fill);
  }

  /** Changes the colours; all 0 unless set. */
  public AugmentationSpecBuilder colorJitter(
      double brightness, double contrast, double saturation, double hue) {
    return set("colorJitter", new ColorJitter(brightness, contrast, saturation, hue));
  }

  /** Covers a rectangle of this share of the images with noise. */
  public AugmentationSpecBuilder randomErasing(double probability) {
    List<Double> area = SpecBinder.defaults(RandomErasing.class).area();
    return randomErasing(probability, area.get(0), area.get(1));
  }

  /** Covers a rectangle of this share of the images, and of this share of their area. */
  public AugmentationSpecBuilder randomErasing(
      double probability, double leastArea, double mostArea) {
    List<Double> ratio = SpecBinder.defaults(RandomErasing.class).ratio();
    return randomErasing(probability, leastArea, mostArea, ratio.get(0), ratio.get(1));
  }

  /** Covers a rectangle of this share of the images, of this area and height by width. */
  public AugmentationSpecBuilder randomErasing(
      double probability, double leastArea, double mostArea, double leastRatio, double mostRatio) {
    return set(
        "randomErasing",
        new RandomErasing(
            probability, List.of(leastArea, mostArea), List.of(leastRatio, mostRatio)));
  }

  /** Adds another image of the batch; 0, off, unless set. */
  public AugmentationSpecBuilder mixup(double alpha) {
    return set("mixup", alpha);
  }

  /** Pastes a rectangle of another image of the batch; 0, off, unless set. */
  public AugmentationSpecBuilder cutmix(double alpha) {
    return set("cutmix", alpha);
  }

  /** The share of the images that are mixed; 1 unless set. */
  public AugmentationSpecBuilder mixProbability(double share) {
    return set("mixProbability", share);
  }

  /** Mirrors every other image, top to bottom; false unless set. */
  public AugmentationSpecBuilder verticalFlip(boolean flip) {
    return set("verticalFlip", flip);
  }

  /** Turns by 0, 90, 180 or 270 degrees; false unless set. */
  public AugmentationSpecBuilder quarterTurns(boolean turn) {
    return set("quarterTurns", turn);
  }

  /** Applies so many operations at this of 31 magnitudes, such as 2 and 9; none unless set. */
  public AugmentationSpecBuilder randAugment(int operations, int magnitude) {
    int bins = SpecBinder.defaults(RandAugment.class).numMagnitudeBins();
    return randAugment(operations, magnitude, bins);
  }

  /** Applies so many operations at this magnitude, the highest of which is bins - 1. */
  public AugmentationSpecBuilder randAugment(int operations, int magnitude, int bins) {
    return set("randAugment", new RandAugment(operations, magnitude, bins));
  }

  /** Applies one operation at one of 31 magnitudes; none unless set. */
  public AugmentationSpecBuilder trivialAugmentWide() {
    return set("trivialAugmentWide", SpecBinder.defaults(TrivialAugmentWide.class));
  }

  /** Applies one operation at one of so many magnitudes. */
  public AugmentationSpecBuilder trivialAugmentWide(int bins) {
    return set("trivialAugmentWide", new TrivialAugmentWide(bins));
  }
}
