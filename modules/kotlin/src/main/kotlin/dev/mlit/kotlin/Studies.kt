package dev.mlit.kotlin

import dev.mlit.spec.InvalidInputException
import dev.mlit.spec.InvalidSpecException
import dev.mlit.spec.StudySpec
import dev.mlit.spec.StudySpec.ArmKind
import dev.mlit.spec.StudySpecBuilder
import dev.mlit.study.Study
import dev.mlit.study.StudyResult

/**
 * Describes a transfer study, of which [Study.of] runs every cell:
 * ```
 * val transfer = study("transfer") {
 *     pretraining("cifar100") { run("pretrain-cifar100.yaml") }
 *     target("cifar10") {
 *         run("transfer.yaml")
 *         fraction(labels = 0.01, steps = 400)
 *     }
 *     arm(ArmKind.SCRATCH)
 *     arm(ArmKind.FINE_TUNE) { sweep("optimizer.learning-rate", "1.0e-3", "4.0e-3") }
 *     seeds(1, 2, 3)
 * }
 * ```
 *
 * @param name a short name, used for the study's directory
 * @throws InvalidSpecException with all broken rules, missing fields among them
 * @throws IllegalStateException if a field is set again to another value
 */
public fun study(name: String, description: StudyScope.() -> Unit): StudySpec {
    val builder = StudySpec.builder(name)
    StudyScope(builder).description()
    return builder.build()
}

/**
 * Runs what is left of this study, as [Study.run] does, on a thread of its own. When the coroutine is cancelled, the
 * training that is under way is saved and stopped after its step, and the study goes on from there when it is run
 * again.
 *
 * @throws InvalidInputException as [Study.run] does
 */
public suspend fun Study.awaitResult(): StudyResult = stoppable { run() }

/** The fields of a [StudySpec]; see [study]. */
@MlitDsl
public class StudyScope internal constructor(private val builder: StudySpecBuilder) : InnerScope() {
    /** Adds weights to start from. */
    public fun pretraining(name: String, settings: PretrainingScope.() -> Unit) {
        builder.pretraining(name) { PretrainingScope(it).settings() }
    }

    /** Adds a dataset to try the weights on. */
    public fun target(name: String, settings: TargetScope.() -> Unit) {
        builder.target(name) { TargetScope(it).settings() }
    }

    /** Adds a way to train, named as its kind unless set; without any, from scratch and fine-tuned. */
    public fun arm(kind: ArmKind, settings: ArmScope.() -> Unit = {}) {
        builder.arm(kind) { ArmScope(it).settings() }
    }

    /** Every cell of the study is run once with each of these, from 0 on, all different; 1, 2 and 3 unless set. */
    public fun seeds(vararg seeds: Int) {
        builder.seeds(*seeds)
    }

    /** Tests of a cell, spread evenly over its epochs, 1 to 1000; 4 unless set. */
    public fun tests(tests: Int) {
        builder.tests(tests)
    }

    /** How many of the seeds, the first ones, sweeps are compared by, at least 1; 1 unless set. */
    public fun sweepSeeds(seeds: Int) {
        builder.sweepSeeds(seeds)
    }
}

/** Weights to start from; see [StudyScope.pretraining]. */
@MlitDsl
public class PretrainingScope internal constructor(private val builder: StudySpecBuilder.PretrainingBuilder) :
    InnerScope() {
    /** The path of a run of task reconstruct or classify, relative to the study's file. */
    public fun run(path: String) {
        builder.run(path)
    }

    /** What it goes on from: a name further up, or a run, SavedModel or safetensors file. */
    public fun from(from: String) {
        builder.from(from)
    }

    /** Changes of the run, such as `training.epochs=3`. */
    public fun set(vararg changes: String) {
        builder.set(*changes)
    }
}

/** A dataset that weights are tried on; see [StudyScope.target]. */
@MlitDsl
public class TargetScope internal constructor(private val builder: StudySpecBuilder.TargetBuilder) : InnerScope() {
    /** The path of a run of task classify, relative to the study's file; required. */
    public fun run(path: String) {
        builder.run(path)
    }

    /** Adds a share of the labels, above 0 and at most 1; all of them unless any is added. */
    public fun fraction(labels: Double) {
        builder.fraction(labels)
    }

    /** Adds a share of the labels, and how many steps, at least 1, every arm trains on it. */
    public fun fraction(labels: Double, steps: Int) {
        builder.fraction(labels, steps)
    }

    /** Changes of the run, such as `training.batch=50`. */
    public fun set(vararg changes: String) {
        builder.set(*changes)
    }
}

/** A way to train; see [StudyScope.arm]. */
@MlitDsl
public class ArmScope internal constructor(private val builder: StudySpecBuilder.ArmBuilder) : InnerScope() {
    /** A short name; that of its kind unless set. */
    public fun name(name: String) {
        builder.name(name)
    }

    /** Changes of the run, such as `optimizer.learning-rate=1.0e-2`. */
    public fun set(vararg changes: String) {
        builder.set(*changes)
    }

    /** Values of a field to choose from, each written as in [set], all different. */
    public fun sweep(field: String, vararg values: String) {
        builder.sweep(field, *values)
    }
}
