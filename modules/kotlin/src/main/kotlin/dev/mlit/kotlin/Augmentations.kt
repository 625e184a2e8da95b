package dev.mlit.kotlin

import dev.mlit.spec.AugmentationSpec.Fill
import dev.mlit.spec.AugmentationSpecBuilder

/** Random changes of the training images, all off unless set; see [RunScope.augmentation]. */
@MlitDsl
public class AugmentationScope internal constructor(private val builder: AugmentationSpecBuilder) : InnerScope() {
    /** Mirrors every other image, left to right; false unless set. */
    public fun flip(flip: Boolean) {
        builder.flip(flip)
    }

    /** Mirrors every other image, top to bottom; false unless set. */
    public fun verticalFlip(flip: Boolean) {
        builder.verticalFlip(flip)
    }

    /** Turns by 0, 90, 180 or 270 degrees; square images only; false unless set. */
    public fun quarterTurns(turn: Boolean) {
        builder.quarterTurns(turn)
    }

    /**
     * Cuts a part out and stretches it to the image's size; its width is 3/4 to 4/3 of its height.
     *
     * @param leastScale least share of the image's area, above 0
     * @param mostScale most share of the image's area, at most 1
     */
    public fun randomResizedCrop(leastScale: Double, mostScale: Double) {
        builder.randomResizedCrop(leastScale, mostScale)
    }

    /**
     * Cuts a part out and stretches it to the image's size.
     *
     * @param leastScale least share of the image's area, above 0
     * @param mostScale most share of the image's area, at most 1
     * @param leastRatio least width by height, at least 0.01
     * @param mostRatio most width by height, at most 100
     */
    public fun randomResizedCrop(leastScale: Double, mostScale: Double, leastRatio: Double, mostRatio: Double) {
        builder.randomResizedCrop(leastScale, mostScale, leastRatio, mostRatio)
    }

    /** Pads the image by so many pixels on every side, 1 to 4096, and cuts its size out of that. */
    public fun randomCrop(padding: Int) {
        builder.randomCrop(padding)
    }

    /** Turns by up to so many degrees, 0 to 180, either way; 0 unless set. */
    public fun rotation(degrees: Double) {
        builder.rotation(degrees)
    }

    /** Moves by up to this share of width and height, 0 to 1; 0 unless set. */
    public fun translation(share: Double) {
        builder.translation(share)
    }

    /** The pixels beyond the image's edge; [Fill.BLACK] unless set. */
    public fun fill(fill: Fill) {
        builder.fill(fill)
    }

    /**
     * Changes the colours; all 0 unless set. A factor is drawn between 1 - x and 1 + x.
     *
     * @param brightness x of the factor of all values, 0 to 1
     * @param contrast x of the factor of the distance to the image's mean gray, 0 to 1
     * @param saturation x of the factor of the distance to the pixel's gray, 0 to 1; RGB only
     * @param hue most turn of the hue either way, 0 to 0.5, 1 being all around; RGB only
     */
    public fun colorJitter(brightness: Double, contrast: Double, saturation: Double, hue: Double) {
        builder.colorJitter(brightness, contrast, saturation, hue)
    }

    /** Covers a rectangle of noise in this share of the images, 0 to 1. */
    public fun randomErasing(probability: Double) {
        builder.randomErasing(probability)
    }

    /**
     * Covers a rectangle of noise.
     *
     * @param probability share of the images that get one, 0 to 1
     * @param leastArea least share of the image's area, above 0
     * @param mostArea most share of the image's area, at most 1
     */
    public fun randomErasing(probability: Double, leastArea: Double, mostArea: Double) {
        builder.randomErasing(probability, leastArea, mostArea)
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
    public fun randomErasing(
        probability: Double,
        leastArea: Double,
        mostArea: Double,
        leastRatio: Double,
        mostRatio: Double,
    ) {
        builder.randomErasing(probability, leastArea, mostArea, leastRatio, mostRatio)
    }

    /** Adds another image of the batch, by a weight of Beta(alpha, alpha), alpha 0 to 1000; 0 is off. */
    public fun mixup(alpha: Double) {
        builder.mixup(alpha)
    }

    /** Pastes a rectangle of another image, of an area by Beta(alpha, alpha), 0 to 1000; 0 is off. */
    public fun cutmix(alpha: Double) {
        builder.cutmix(alpha)
    }

    /** The share of the images that mixup and cutmix change, 0 to 1; 1 unless set. */
    public fun mixProbability(share: Double) {
        builder.mixProbability(share)
    }

    /**
     * Applies operations one after the other, drawn for every image; none unless set.
     *
     * @param operations for an image, 1 to 14, such as 2
     * @param magnitude how strong they are, 0 to 30, such as 9
     */
    public fun randAugment(operations: Int, magnitude: Int) {
        builder.randAugment(operations, magnitude)
    }

    /**
     * Applies operations one after the other, drawn for every image.
     *
     * @param operations for an image, 1 to 14
     * @param magnitude how strong they are, 0 to [bins] - 1
     * @param bins number of magnitudes, 2 to 1000
     */
    public fun randAugment(operations: Int, magnitude: Int, bins: Int) {
        builder.randAugment(operations, magnitude, bins)
    }

    /** Applies one operation at one of 31 magnitudes, both drawn; none unless set. */
    public fun trivialAugmentWide() {
        builder.trivialAugmentWide()
    }

    /** Applies one operation at one of so many magnitudes, 2 to 1000, both drawn. */
    public fun trivialAugmentWide(bins: Int) {
        builder.trivialAugmentWide(bins)
    }
}
