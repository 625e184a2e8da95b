package dev.mlit.kotlin

import dev.mlit.spec.ImageShape
import dev.mlit.spec.InvalidSpecException
import dev.mlit.spec.ModelSpec
import dev.mlit.spec.ModelSpec.Pooling
import dev.mlit.spec.ModelSpec.Stage
import dev.mlit.spec.ModelSpecBuilder

/**
 * Describes a staged mixture-of-experts vision transformer:
 * ```
 * val clothes = model("clothes") {
 *     image(height = 28, width = 28, channels = 1)
 *     patch(4)
 *     embedding(108)
 *     attention(heads = 6, groups = 3)
 *     stages {
 *         stage(layers = 3, experts = 3)
 *         stage(layers = 3, experts = 4)
 *     }
 *     hidden(first = 81, last = 27)
 *     classes(10)
 * }
 * ```
 *
 * What is not set has the default of [ModelSpec.builder], which checks every rule.
 *
 * @param name a short name, used for files: 1 to 100 letters, digits, '.', '_' or '-'
 * @throws InvalidSpecException with all broken rules, missing fields among them
 * @throws IllegalStateException if a field is set again to another value
 */
public fun model(name: String, description: ModelScope.() -> Unit): ModelSpec =
    ModelSpec.builder(name).described(description)

/**
 * This model with changes: `Presets.mlitXxs().copy { name("stamps"); image(32, 32, 3); patch(4) }`.
 *
 * @throws InvalidSpecException with all broken rules
 */
public fun ModelSpec.copy(changes: ModelScope.() -> Unit): ModelSpec = toBuilder().described(changes)

private fun ModelSpecBuilder.described(description: ModelScope.() -> Unit): ModelSpec {
    ModelScope(this).description()
    return build()
}

/** The fields of a [ModelSpec]; see [model]. */
@MlitDsl
public class ModelScope internal constructor(private val builder: ModelSpecBuilder) : InnerScope() {
    /** A short name, used for files: 1 to 100 letters, digits, '.', '_' or '-'. */
    public fun name(name: String) {
        builder.name(name)
    }

    /**
     * The size of the images, which a model sees as float32 `[batch, height, width, channels]`.
     *
     * @param height in pixels, 1 to 4096, a multiple of the patch
     * @param width in pixels, 1 to 4096, a multiple of the patch
     * @param channels 1 for gray, 3 for RGB
     */
    public fun image(height: Int, width: Int, channels: Int) {
        builder.image(height, width, channels)
    }

    /**
     * The size of the images, and which side of image files is up.
     *
     * @param height in pixels, 1 to 4096, a multiple of the patch
     * @param width in pixels, 1 to 4096, a multiple of the patch
     * @param channels 1 for gray, 3 for RGB
     * @param orientation whether image files are turned as cameras say; they are not unless set
     */
    public fun image(height: Int, width: Int, channels: Int, orientation: ImageShape.Orientation) {
        builder.image(height, width, channels, orientation)
    }

    /** The side of a square patch in pixels, 1 to 4096; divides the image's height and width. */
    public fun patch(pixels: Int) {
        builder.patch(pixels)
    }

    /** The width of a token, 1 to 16,384; a multiple of the attention's heads. */
    public fun embedding(width: Int) {
        builder.embedding(width)
    }

    /**
     * Grouped query attention.
     *
     * @param heads query heads, 1 to 1024; divides the embedding
     * @param groups key/value groups that the heads share; divides [heads]
     */
    public fun attention(heads: Int, groups: Int) {
        builder.attention(heads, groups)
    }

    /** All stages, in their order; in place of those that a [copy] started from. */
    public fun stages(stages: StagesScope.() -> Unit) {
        builder.stages(StagesScope().apply(stages).stages)
    }

    /** All stages at once, in place of those that a [copy] started from. */
    public fun stages(stages: List<Stage>) {
        builder.stages(stages)
    }

    /**
     * Adds a stage, after those that there are.
     *
     * @param layers blocks in the stage; 1 to 1000 in all stages
     * @param experts experts of each block, 1 to 1024; at least the routing's `top`
     */
    public fun stage(layers: Int, experts: Int) {
        builder.stage(layers, experts)
    }

    /** The widths of the experts in the first and the last block, 1 to 65,536, linear in between. */
    public fun hidden(first: Int, last: Int) {
        builder.hidden(first, last)
    }

    /** The number of experts that each token uses, 1 to 1024; 2 unless set. */
    public fun routing(top: Int) {
        builder.routing(top)
    }

    /**
     * How tokens choose experts.
     *
     * @param top experts that each token uses, 1 to 1024; 2 unless set
     * @param importanceWeight factor of the balance loss of the gates, 0 to 1000; 0.01 unless set
     * @param loadWeight factor of the balance loss of the load, 0 to 1000; 0.01 unless set
     */
    public fun routing(top: Int, importanceWeight: Double, loadWeight: Double) {
        builder.routing(top, importanceWeight, loadWeight)
    }

    /** What pixels in `[0, 1]` are normalised by, `(x - mean) / std`; 0.5 each unless set. */
    public fun normalization(mean: Double, std: Double) {
        builder.normalization(mean, std)
    }

    /** As the other `normalization`, with one value, or one per channel. */
    public fun normalization(mean: List<Double>, std: List<Double>) {
        builder.normalization(mean, std)
    }

    /** How tokens become the features of an image; [Pooling.CLASS_TOKEN] unless set. */
    public fun pooling(pooling: Pooling) {
        builder.pooling(pooling)
    }

    /** The number of classes, 1 to 1,000,000; 0 for an autoencoder, which has none. */
    public fun classes(classes: Int) {
        builder.classes(classes)
    }

    /** The share of the patches that an autoencoder hides, above 0 and below 1, such as 0.75. */
    public fun mask(share: Double) {
        builder.mask(share)
    }

    /**
     * The decoder of an autoencoder.
     *
     * @param layers blocks, 1 to 1000
     * @param embedding width of its tokens, 1 to 16,384; a multiple of [heads]
     * @param hidden width of its experts, 1 to 65,536
     * @param experts experts of each block, 1 to 1024; at least the routing's `top`
     * @param heads query heads, 1 to 1024
     * @param groups key/value groups; divides [heads]
     */
    public fun decoder(layers: Int, embedding: Int, hidden: Int, experts: Int, heads: Int, groups: Int) {
        builder.decoder(layers, embedding, hidden, experts, heads, groups)
    }

    /**
     * Whether an autoencoder reconstructs patches that are normalised each by itself, by its mean and unbiased
     * variance; false unless set.
     */
    public fun normPixels(each: Boolean) {
        builder.normPixels(each)
    }
}

/** The stages of a model, which grow in experts; see [ModelScope.stages]. */
@MlitDsl
public class StagesScope internal constructor() : InnerScope() {
    internal val stages: MutableList<Stage> = mutableListOf()

    /**
     * Consecutive blocks with the same number of experts.
     *
     * @param layers blocks in the stage; 1 to 1000 in all stages
     * @param experts experts of each block, 1 to 1024; at least the routing's `top`
     */
    public fun stage(layers: Int, experts: Int) {
        stages += Stage(layers, experts)
    }
}
