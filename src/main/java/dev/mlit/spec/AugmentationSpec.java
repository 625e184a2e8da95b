package dev.mlit.spec;

import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Interval;
import dev.mlit.spec.field.Range;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Random changes of training images, never of test images. They are computed in the graph, on the
 * device, and drawn again for every image and step from the run's seed. The names are those of
 * torchvision and timm.
 *
 * <p>Crops, flip, rotation and translation are one resampling; then come the vertical flip and the
 * quarter turns, RandAugment or TrivialAugment, the colours, the erasing, and the mixing with
 * another image of the batch: the order of torchvision's and timm's recipes.
 *
 * <p>It is a record, because reading, writing, the JSON Schema and equality follow its components
 * in order. Set its fields with {@link RunSpecBuilder#augmentation}: a new field changes the
 * constructor, not the builder.
 *
 * @param flip mirrors every other image, left to right
 * @param randomResizedCrop cuts a part out and stretches it to the image's size; null for none
 * @param randomCrop moves the image by some pixels, as a crop from a padded image does; null for
 *     none
 * @param rotation turns by up to so many degrees, 0 to 180, either way
 * @param translation moves by up to this share of width and height, 0 to 1, in whole pixels
 * @param fill the pixels beyond the image's edge
 * @param colorJitter changes the colours
 * @param randomErasing covers a rectangle with noise; null for none
 * @param mixup alpha of Beta(alpha, alpha), of which the weight of the image in its sum with
 *     another is drawn (Zhang et al. 2018); 0 is off
 * @param cutmix alpha of Beta(alpha, alpha), of which the share of the image beside a rectangle of
 *     another is drawn (Yun et al. 2019); 0 is off. With both, a coin decides for every image
 * @param mixProbability share of the images that mixup and cutmix change
 * @param verticalFlip mirrors every other image, top to bottom; for images that have no upper side,
 *     such as those of a microscope or from above
 * @param quarterTurns turns by 0, 90, 180 or 270 degrees, each as likely, without resampling;
 *     square images only
 * @param randAugment some operations at one magnitude; null for none
 * @param trivialAugmentWide one operation at any magnitude; null for none. Not together with
 *     randAugment
 * @since 0.1.0
 */
public record AugmentationSpec(
    @Default("false") @Doc("mirror every other image, left to right") boolean flip,
    @Doc("cut a part out and stretch it to the image's size")
        @Nullable ResizedCrop randomResizedCrop,
    @Doc("pad the image and cut its size out of that") @Nullable PaddedCrop randomCrop,
    @Range(min = 0, max = 180)
        @Default("0")
        @Doc("turn by up to so many degrees, either way; 0 is off")
        double rotation,
    @Range(min = 0, max = 1)
        @Default("0")
        @Doc("move by up to this share of width and height; 0 is off")
        double translation,
    @Default("black") @Doc("the pixels beyond the image's edge") Fill fill,
    @Default("{}") @Doc("change the colours") ColorJitter colorJitter,
    @Doc("cover a rectangle with noise") @Nullable RandomErasing randomErasing,
    @Range(min = 0, max = 1000)
        @Default("0")
        @Doc("add another image of the batch, by a weight of Beta(mixup, mixup); 0 is off")
        double mixup,
    @Range(min = 0, max = 1000)
        @Default("0")
        @Doc("paste a rectangle of another image, of an area by Beta(cutmix, cutmix); 0 is off")
        double cutmix,
    @Range(min = 0, max = 1) @Default("1") @Doc("share of the images that are mixed")
        double mixProbability,
    @Default("false") @Doc("mirror every other image, top to bottom") boolean verticalFlip,
    @Default("false") @Doc("turn by 0, 90, 180 or 270 degrees, each as likely; square images only")
        boolean quarterTurns,
    @Doc("apply some operations at one magnitude, as torchvision's RandAugment")
        @Nullable RandAugment randAugment,
    @Doc("apply one operation at any magnitude, as torchvision's TrivialAugmentWide")
        @Nullable TrivialAugmentWide trivialAugmentWide) {

  /** The pixels beyond the image's edge. */
  public enum Fill {
    /** Nothing. */
    BLACK,
    /** The image, mirrored at the edge. */
    REFLECT,
    /** The pixel at the edge. */
    NEAREST
  }

  /**
   * A part of the image, stretched to its size (Szegedy et al. 2015).
   *
   * @param scale least and most share of the image's area
   * @param ratio least and most width by height, drawn on a logarithmic scale
   */
  public record ResizedCrop(
      @Interval
          @Range(min = 0, above = true, max = 1)
          @Default("[0.35, 1]")
          @Doc("least and most share of the area")
          List<Double> scale,
      @Interval
          @Range(min = 0.01, max = 100)
          @Default("[0.75, 1.3333]")
          @Doc("least and most width by height")
          List<Double> ratio) {
    public ResizedCrop {
      scale = List.copyOf(scale);
      ratio = List.copyOf(ratio);
    }
  }

  /**
   * The image's size cut out of the image with more around it.
   *
   * @param padding pixels on every side
   */
  public record PaddedCrop(
      @Range(min = 1, max = 4096) @Default("4") @Doc("pixels on every side") int padding) {}

  /**
   * Changes of the colours, in this order. A factor is drawn between 1 - x and 1 + x.
   *
   * @param brightness x of the factor of all values
   * @param contrast x of the factor of the distance to the image's mean gray
   * @param saturation x of the factor of the distance to the pixel's gray; RGB only
   * @param hue most turn of the hue either way, 1 being all around; RGB only
   */
  public record ColorJitter(
      @Range(min = 0, max = 1) @Default("0") @Doc("factor of 1 - x to 1 + x; 0 is off")
          double brightness,
      @Range(min = 0, max = 1) @Default("0") @Doc("factor of 1 - x to 1 + x; 0 is off")
          double contrast,
      @Range(min = 0, max = 1) @Default("0") @Doc("factor of 1 - x to 1 + x; 0 is off; RGB only")
          double saturation,
      @Range(min = 0, max = 0.5)
          @Default("0")
          @Doc("turn of up to so much, 1 being all around; 0 is off; RGB only")
          double hue) {}

  /**
   * A rectangle of noise (Zhong et al. 2020).
   *
   * @param probability share of the images that get one
   * @param area least and most share of the image's area
   * @param ratio least and most height by width, drawn on a logarithmic scale
   */
  public record RandomErasing(
      @Range(min = 0, max = 1) @Default("0.25") @Doc("share of the images") double probability,
      @Interval
          @Range(min = 0, above = true, max = 1)
          @Default("[0.02, 0.3333]")
          @Doc("least and most share of the image's area")
          List<Double> area,
      @Interval
          @Range(min = 0.01, max = 100)
          @Default("[0.3, 3.3333]")
          @Doc("least and most height by width")
          List<Double> ratio) {
    public RandomErasing {
      area = List.copyOf(area);
      ratio = List.copyOf(ratio);
    }
  }

  /**
   * RandAugment (Cubuk et al. 2020): for every image so many operations, one after the other, drawn
   * from 14: identity, shear and translate along either axis, rotate, brightness, color, contrast,
   * sharpness, posterize, solarize, auto-contrast and equalize. Those that go either way do so by a
   * coin.
   *
   * @param numOps operations for an image
   * @param magnitude how strong they are, from 0 to numMagnitudeBins - 1
   * @param numMagnitudeBins number of magnitudes
   */
  public record RandAugment(
      @Range(min = 1, max = 14) @Default("2") @Doc("operations for an image") int numOps,
      @Range(min = 0, max = 999) @Default("9") @Doc("how strong, below num-magnitude-bins")
          int magnitude,
      @Range(min = 2, max = 1000) @Default("31") @Doc("number of magnitudes")
          int numMagnitudeBins) {}

  /**
   * TrivialAugment with its wide space (Mueller and Hutter 2021): for every image one of the
   * operations of {@link RandAugment}, at a magnitude drawn from all, some of them much stronger.
   *
   * @param numMagnitudeBins number of magnitudes
   */
  public record TrivialAugmentWide(
      @Range(min = 2, max = 1000) @Default("31") @Doc("number of magnitudes")
          int numMagnitudeBins) {}

  /** True unless images stay as they are. */
  public boolean changesAnything() {
    return flip
        || randomResizedCrop != null
        || randomCrop != null
        || rotation > 0
        || translation > 0
        || verticalFlip
        || quarterTurns
        || randAugment != null
        || trivialAugmentWide != null
        || !colorJitter.equals(new ColorJitter(0, 0, 0, 0))
        || randomErasing != null
        || mixes();
  }

  /** True if an image may become a mixture of two. */
  public boolean mixes() {
    return (mixup > 0 || cutmix > 0) && mixProbability > 0;
  }
}
