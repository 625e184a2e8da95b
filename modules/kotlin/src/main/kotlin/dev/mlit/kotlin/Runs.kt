package dev.mlit.kotlin

import dev.mlit.spec.InvalidSpecException
import dev.mlit.spec.ModelSpec
import dev.mlit.spec.RunSpec
import dev.mlit.spec.RunSpec.NamedDataset
import dev.mlit.spec.RunSpec.Task
import dev.mlit.spec.RunSpecBuilder

/**
 * Describes a run: a model, its images and how it is trained.
 *
 * ```
 * val run = run("clothes") {
 *     model(clothes)
 *     data("fashion-small") { validationFraction(0.1) }
 *     training { epochs(5); batch(32) }
 *     optimizer { learningRate(2e-3) }
 *     augmentation { flip(true) }
 * }
 * ```
 *
 * What is not set has the default of [RunSpec.builder], which checks every rule. Settings of a group add up, as there.
 *
 * @param name a short name, used for the run directory: 1 to 100 letters, digits, '.', '_' or '-'
 * @throws InvalidSpecException with all broken rules, missing fields among them
 * @throws IllegalStateException if a field is set again to another value
 */
public fun run(name: String, description: RunScope.() -> Unit): RunSpec = RunSpec.builder(name).described(description)

/**
 * This run with changes: `run.copy { training { epochs(20) } }`.
 *
 * @throws InvalidSpecException with all broken rules
 */
public fun RunSpec.copy(changes: RunScope.() -> Unit): RunSpec = toBuilder().described(changes)

private fun RunSpecBuilder.described(description: RunScope.() -> Unit): RunSpec {
    RunScope(this).description()
    return build()
}

/** The fields of a [RunSpec]; see [run]. */
@MlitDsl
public class RunScope internal constructor(private val builder: RunSpecBuilder) : DescriptionScope() {
    /** A short name, used for the run directory: 1 to 100 letters, digits, '.', '_' or '-'. */
    public fun name(name: String) {
        builder.name(name)
    }

    /** Whether classes are learned, or reconstruction; [Task.CLASSIFY] unless set. */
    public fun task(task: Task) {
        builder.task(task)
    }

    /** The model: a classifier, or an autoencoder where the task is to reconstruct. */
    public fun model(model: ModelSpec) {
        builder.model(model)
    }

    /** The model, described here; as the function [dev.mlit.kotlin.model]. */
    public fun model(name: String, description: ModelScope.() -> Unit) {
        builder.model(dev.mlit.kotlin.model(name, description))
    }

    /**
     * The dataset of this name, its files in the usual places.
     *
     * @param parts which of its images are used for what; all unless set
     */
    public fun data(dataset: String, parts: DataScope.() -> Unit = {}) {
        builder.data(dataset)
        DataScope(builder).parts()
    }

    /**
     * The dataset of this name, its files in this directory or archive.
     *
     * @param parts which of its images are used for what; all unless set
     */
    public fun data(dataset: String, directory: String, parts: DataScope.() -> Unit = {}) {
        builder.data(dataset, directory)
        DataScope(builder).parts()
    }

    /**
     * The dataset of this name, its files in this directory or archive.
     *
     * @param testFraction share of the images that is kept for the test, above 0 and below 1, where the dataset has no
     *   test part of its own
     * @param parts which of its images are used for what; all unless set
     */
    public fun data(dataset: String, directory: String, testFraction: Double, parts: DataScope.() -> Unit = {}) {
        builder.data(dataset, directory, testFraction)
        DataScope(builder).parts()
    }

    /**
     * Several datasets, at least one, that an autoencoder is pre-trained on together, such as
     * `datasets(NamedDataset.of("image-folder", "a.zip"), NamedDataset.of("cifar100"))`.
     */
    public fun datasets(vararg datasets: NamedDataset, parts: DataScope.() -> Unit = {}) {
        builder.datasets(*datasets)
        DataScope(builder).parts()
    }

    /** Length, batch, seed and regularisation. */
    public fun training(settings: TrainingScope.() -> Unit) {
        builder.training { TrainingScope(it).settings() }
    }

    /** AdamW or Muon. */
    public fun optimizer(settings: OptimizerScope.() -> Unit) {
        builder.optimizer { OptimizerScope(it).settings() }
    }

    /** The learning rate over time. */
    public fun schedule(settings: ScheduleScope.() -> Unit) {
        builder.schedule { ScheduleScope(it).settings() }
    }

    /** Random changes of the training images; none unless set. */
    public fun augmentation(settings: AugmentationScope.() -> Unit) {
        builder.augmentation { AugmentationScope(it).settings() }
    }

    /**
     * Tests and exports a moving average in place of the weights; none unless set.
     *
     * @param decay part of the average that stays with every step, above 0 and below 1, such as 0.999
     */
    public fun ema(decay: Double) {
        builder.ema(decay)
    }

    /**
     * Starts from these weights, the head included if it has as many classes; from random ones unless set.
     *
     * @param from a SavedModel that mlit wrote, the directory of a run, or a safetensors file
     */
    public fun initialize(from: String) {
        builder.initialize(from)
    }

    /**
     * Starts from these weights.
     *
     * @param from a SavedModel that mlit wrote, the directory of a run, or a safetensors file
     * @param head whether the head is loaded too, if it has as many classes; false for a new head in any case
     */
    public fun initialize(from: String, head: Boolean) {
        builder.initialize(from, head)
    }

    /**
     * Variables that are not trained: names or groups, such as `encoder/block_0`, or patterns of them, such as
     * `encoder/block_[0-3]`; `**` goes across groups.
     */
    public fun freeze(vararg patterns: String) {
        builder.freeze(*patterns)
    }

    /** When the run is saved, apart from after every epoch. */
    public fun checkpoints(settings: CheckpointsScope.() -> Unit) {
        builder.checkpoints { CheckpointsScope(it).settings() }
    }

    /** Ends the run when its metric no longer improves; all epochs are trained unless set. */
    public fun earlyStopping(settings: EarlyStoppingScope.() -> Unit) {
        builder.earlyStopping { EarlyStoppingScope(it).settings() }
    }

    /** The directory of the SavedModel; without it, `savedmodel` in the run directory. */
    public fun export(directory: String) {
        builder.export(directory)
    }

    /**
     * Measures after every so many epochs how well the nearest neighbours classify images by their features; not
     * measured unless set.
     */
    public fun neighbours(settings: NeighboursScope.() -> Unit) {
        builder.neighbours { NeighboursScope(it).settings() }
    }

    /**
     * Evaluates the features of the encoder with a probe, in place of training: the encoder stays as it is, and what
     * only training steps use (optimizer, schedule, epochs, batch) has no effect.
     */
    public fun probe(settings: ProbeScope.() -> Unit) {
        builder.probe { ProbeScope(it).settings() }
    }
}

/** Which images of a dataset are used, and what for; see [RunScope.data]. */
@MlitDsl
public class DataScope internal constructor(private val builder: RunSpecBuilder) : InnerScope() {
    /**
     * Uses a share of the training images of every class, in (0, 1], and at least one of each, drawn by
     * `training.seed`.
     */
    public fun labelFraction(share: Double) {
        builder.labelFraction(share)
    }

    /**
     * Keeps a share of the training images of every class, in `[0, 1)`, for the choices that are made while training,
     * such as which epoch is the best; drawn by `training.seed`. Leave it out for a dataset that has a validation part
     * of its own.
     */
    public fun validationFraction(share: Double) {
        builder.validationFraction(share)
    }

    /** Leaves image files out, such as damaged ones: their paths in the folder or archive. */
    public fun exclude(files: List<String>) {
        builder.exclude(files)
    }
}
