package dev.mlit.kotlin

import dev.mlit.spec.CheckpointsSpec
import dev.mlit.spec.EarlyStopping
import dev.mlit.spec.NeighboursSpec
import dev.mlit.spec.OptimizerSpec
import dev.mlit.spec.Precision
import dev.mlit.spec.ProbeSpec
import dev.mlit.spec.ScheduleSpec
import dev.mlit.spec.TrainingSpec

/** The length of a run, its batches, its seed and its regularisation; see [RunScope.training]. */
@MlitDsl
public class TrainingScope internal constructor(private val builder: TrainingSpec.Builder) : InnerScope() {
    /** Passes over the training images, 1 to 100,000; 10 unless set. */
    public fun epochs(epochs: Int) {
        builder.epochs(epochs)
    }

    /** Images in a step, 1 to 65,536; 64 unless set. */
    public fun batch(images: Int) {
        builder.batch(images)
    }

    /** Gradient accumulation: images computed at once, at most the batch, which it is unless set. */
    public fun microBatch(images: Int) {
        builder.microBatch(images)
    }

    /** Decides weights, order, augmentation, dropout and gate noise; 1 unless set. */
    public fun seed(seed: Long) {
        builder.seed(seed)
    }

    /** Ends the run after so many steps, at least 1, whatever the epochs; no limit unless set. */
    public fun steps(steps: Int) {
        builder.steps(steps)
    }

    /**
     * Epochs from one measurement to the next, 1 to 100,000, on the validation images or, without any, on the test
     * images; 1 unless set. The last epoch is measured in any case.
     */
    public fun testEvery(epochs: Int) {
        builder.testEvery(epochs)
    }

    /** TensorFlow's threads, 0 to 1024; 0, one per core, unless set. */
    public fun threads(threads: Int) {
        builder.threads(threads)
    }

    /** The share of every label that is spread evenly over all classes, in `[0, 1)`; 0 unless set. */
    public fun labelSmoothing(share: Double) {
        builder.labelSmoothing(share)
    }

    /** The chance, in `[0, 1)`, that a value of attention or experts is dropped; 0 unless set. */
    public fun dropout(chance: Double) {
        builder.dropout(chance)
    }

    /** Stochastic depth: the chance to skip a layer of the last block, in `[0, 1)`; 0 unless set. */
    public fun dropPath(chance: Double) {
        builder.dropPath(chance)
    }

    /** The share of an image's patches left out while training, in `[0, 1)`; 0 unless set. */
    public fun patchDropout(share: Double) {
        builder.patchDropout(share)
    }

    /** Seconds that a worker waits for the others, 5 to 86,400, before they count as lost; 60 unless set. */
    public fun workerTimeout(seconds: Int) {
        builder.workerTimeout(seconds)
    }

    /** Which images an epoch trains on; [TrainingSpec.Sampling.SHUFFLED] unless set. */
    public fun sampling(sampling: TrainingSpec.Sampling) {
        builder.sampling(sampling)
    }

    /**
     * Whether the backward pass computes attention and experts again, for less memory; [TrainingSpec.Recompute.AUTO]
     * unless set.
     */
    public fun recompute(recompute: TrainingSpec.Recompute) {
        builder.recompute(recompute)
    }

    /** The number format of the matrix products; [Precision.FLOAT32] unless set. */
    public fun precision(precision: Precision) {
        builder.precision(precision)
    }
}

/** AdamW or Muon; see [RunScope.optimizer]. */
@MlitDsl
public class OptimizerScope internal constructor(private val builder: OptimizerSpec.Builder) : InnerScope() {
    /**
     * Which optimizer; [OptimizerSpec.DEFAULT] unless set, and in a run that is resumed the one that it was started
     * with.
     */
    public fun name(name: OptimizerSpec.Name) {
        builder.name(name)
    }

    /** The highest learning rate of AdamW, above 0 and at most 1000; 1e-3 unless set. */
    public fun learningRate(rate: Double) {
        builder.learningRate(rate)
    }

    /** The highest learning rate of Muon, above 0 and at most 1000; four times [learningRate] unless set. */
    public fun muonLearningRate(rate: Double) {
        builder.muonLearningRate(rate)
    }

    /** Of Muon: the share of the momentum that stays with every step, in `[0, 1)`; 0.95 unless set. */
    public fun momentum(momentum: Double) {
        builder.momentum(momentum)
    }

    /** Decoupled weight decay of the kernels, 0 to 1000; 0.05 unless set. */
    public fun weightDecay(decay: Double) {
        builder.weightDecay(decay)
    }

    /** Of AdamW: decay of the gradients' mean and mean square, in `[0, 1)`; 0.9 and 0.999 unless set. */
    public fun betas(beta1: Double, beta2: Double) {
        builder.betas(beta1, beta2)
    }

    /** Of AdamW: keeps the division finite, in (0, 1]; 1e-8 unless set. */
    public fun epsilon(epsilon: Double) {
        builder.epsilon(epsilon)
    }

    /** The longest global gradient, at least 0; 1 unless set, 0 for no clipping. */
    public fun clipNorm(norm: Double) {
        builder.clipNorm(norm)
    }

    /** A layer's learning rate divided by that of the layer above, in (0, 1]; 1 unless set. */
    public fun layerDecay(decay: Double) {
        builder.layerDecay(decay)
    }
}

/** The learning rate over time; see [RunScope.schedule]. */
@MlitDsl
public class ScheduleScope internal constructor(private val builder: ScheduleSpec.Builder) : InnerScope() {
    /** The length of the linear warm-up in epochs, from 0 to those of the run; 1 unless set. */
    public fun warmupEpochs(epochs: Double) {
        builder.warmupEpochs(epochs)
    }

    /** How the rate falls after the warm-up; [ScheduleSpec.Decay.COSINE] unless set. */
    public fun decay(decay: ScheduleSpec.Decay) {
        builder.decay(decay)
    }

    /** The part of the rate that would be left after the last step, 0 to 1; 0 unless set. */
    public fun finalFactor(factor: Double) {
        builder.finalFactor(factor)
    }
}

/** When a run is saved, so that it can be resumed; see [RunScope.checkpoints]. */
@MlitDsl
public class CheckpointsScope internal constructor(private val builder: CheckpointsSpec.Builder) : InnerScope() {
    /** Saves when so many minutes have passed; 5 unless set, 0 for only after epochs. */
    public fun everyMinutes(minutes: Double) {
        builder.everyMinutes(minutes)
    }

    /** Saves also after so many steps, at least 1; no limit unless set. */
    public fun everySteps(steps: Int) {
        builder.everySteps(steps)
    }
}

/** When a run no longer improves; see [RunScope.earlyStopping]. */
@MlitDsl
public class EarlyStoppingScope internal constructor(private val builder: EarlyStopping.Builder) : InnerScope() {
    /** Epochs without an improvement after which the run ends, 1 to 100,000; 10 unless set. */
    public fun patience(epochs: Int) {
        builder.patience(epochs)
    }

    /** A change smaller than this is no improvement, 0 to 1,000,000; 0 unless set. */
    public fun minDelta(delta: Double) {
        builder.minDelta(delta)
    }

    /**
     * The metric that is watched; [EarlyStopping.Metric.VALIDATION_ACCURACY] unless set, or of an autoencoder
     * [EarlyStopping.Metric.VALIDATION_LOSS].
     */
    public fun metric(metric: EarlyStopping.Metric) {
        builder.metric(metric)
    }
}

/** How well nearest neighbours classify by the features; see [RunScope.neighbours]. */
@MlitDsl
public class NeighboursScope internal constructor(private val builder: NeighboursSpec.Builder) : InnerScope() {
    /** Epochs from one measurement to the next, 1 to 100,000; 1 unless set. */
    public fun every(epochs: Int) {
        builder.every(epochs)
    }

    /** How many nearest neighbours vote, 1 to 100,000; 20 unless set. */
    public fun k(neighbours: Int) {
        builder.k(neighbours)
    }

    /** Training images that vote, and validation images, at most, 1 to 1,000,000; 5,000 unless set. */
    public fun images(most: Int) {
        builder.images(most)
    }

    /** The dataset whose images and labels are used; the run's own unless set. */
    public fun dataset(name: String) {
        builder.dataset(name)
    }

    /** The dataset whose images and labels are used, its files in this directory or archive. */
    public fun dataset(name: String, directory: String) {
        builder.dataset(name, directory)
    }
}

/** A classifier of frozen features; see [RunScope.probe]. */
@MlitDsl
public class ProbeScope internal constructor(private val builder: ProbeSpec.Builder) : InnerScope() {
    /** The classifier; [ProbeSpec.Kind.LOGISTIC_REGRESSION] unless set. */
    public fun kind(kind: ProbeSpec.Kind) {
        builder.kind(kind)
    }

    /** The weight of a logistic regression's penalty, 0 to 1e9; 1 unless set. */
    public fun l2(weight: Double) {
        builder.l2(weight)
    }

    /** How many nearest neighbours vote, 1 to 100,000; 20 unless set. */
    public fun k(neighbours: Int) {
        builder.k(neighbours)
    }
}
