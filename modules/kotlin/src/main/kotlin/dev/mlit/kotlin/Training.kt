package dev.mlit.kotlin

import dev.mlit.Mlit
import dev.mlit.data.Dataset
import dev.mlit.photos.PhotoOptions
import dev.mlit.spec.ClusterSpec
import dev.mlit.spec.InvalidInputException
import dev.mlit.spec.RunSpec
import dev.mlit.train.RunStoppedException
import dev.mlit.train.Trainer
import dev.mlit.train.TrainingListener
import java.nio.file.Path
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.runInterruptible

/**
 * Trains a run and exports its model, as [Mlit.train] does, on a thread of [Dispatchers.IO].
 *
 * When the coroutine is cancelled, the run saves itself and stops after its step, and only then this function throws
 * the coroutine's `CancellationException`; [resume] goes on from there.
 *
 * ```
 * val trained = train(run) { onEpoch { println("epoch ${it.epoch}: ${it.testAccuracy}") } }
 * ```
 *
 * @param settings of the trainer: data of your own, the run directory, listeners
 * @throws InvalidInputException if the data is missing or damaged or does not fit, or a directory is in use; nothing
 *   has been written then
 */
public suspend fun train(run: RunSpec, settings: TrainerScope.() -> Unit = {}): Mlit.TrainedModel = stoppable {
    Mlit.train(run) { trainer: Trainer -> TrainerScope(trainer).settings() }
}

/**
 * Trains a model on a folder of pictures, with one folder for every class, and exports it; the pictures decide the
 * model, the recipe and the parts to train, validate and test on. A cancelled coroutine ends it as in the other
 * `train`; the run that was decided is `run.yaml` in its directory.
 *
 * @param photos a folder, a .zip or a .tar.gz
 * @param options such as the time, ten minutes unless set
 * @throws InvalidInputException if the pictures are too few or not there, or a setting or a directory does not fit;
 *   nothing has been written then
 */
public suspend fun train(photos: Path, options: @MlitDsl PhotoOptions.() -> Unit = {}): Mlit.TrainedModel = stoppable {
    Mlit.train(photos) { chosen: PhotoOptions -> chosen.options() }
}

/**
 * The run that [train] would train on a folder of pictures, its length included; nothing is written.
 *
 * @throws InvalidInputException as that does
 */
public suspend fun plan(photos: Path, options: @MlitDsl PhotoOptions.() -> Unit = {}): RunSpec = stoppable {
    Mlit.plan(photos) { it.options() }
}

/**
 * Goes on with a run that was stopped, killed or cut off, from its last checkpoint, and exports its model, as
 * [Mlit.resume] does. A cancelled coroutine stops it again, as in [train].
 *
 * @param run the run directory
 * @param settings of the trainer: data of your own, which must be the same images as before, listeners
 * @throws InvalidInputException if it is no run directory, another process trains there, or the images are others
 */
public suspend fun resume(run: Path, settings: TrainerScope.() -> Unit = {}): Mlit.TrainedModel = stoppable {
    Mlit.resume(run) { trainer: Trainer -> TrainerScope(trainer).settings() }
}

/**
 * Does blocking work that ends soon after its thread is interrupted, and interrupts it when the coroutine is cancelled.
 * Whatever a cancelled run then throws, the coroutine ends with its own exception, as coroutines have to.
 */
internal suspend fun <T> stoppable(work: () -> T): T =
    try {
        runInterruptible(Dispatchers.IO) { work() }
    } catch (e: Exception) {
        try {
            currentCoroutineContext().ensureActive()
        } catch (cancelled: CancellationException) {
            if (e !is CancellationException && e !is RunStoppedException) {
                cancelled.addSuppressed(e)
            }
            throw cancelled
        }
        throw e
    }

/** The settings of a trainer; see [train]. Listeners are called on the thread that trains. */
@MlitDsl
public class TrainerScope internal constructor(private val trainer: Trainer) : InnerScope() {
    /** The run directory, new or empty; `runs/NAME` unless set, with a number if that exists. */
    public fun directory(directory: Path) {
        trainer.directory(directory)
    }

    /** Images of your own, instead of the dataset that the run names. */
    public fun data(dataset: Dataset) {
        trainer.data(dataset)
    }

    /** Trains together with the other workers of a cluster; null to train without. See [Trainer.cluster]. */
    public fun cluster(cluster: ClusterSpec?) {
        trainer.cluster(cluster)
    }

    /** Does not read the test images: the run ends with its measures on the validation images. */
    public fun withoutTest() {
        trainer.withoutTest()
    }

    /** Adds a listener; it is closed when the run ends. */
    public fun listener(listener: TrainingListener) {
        trainer.listener(listener)
    }

    /** Acts after every step. */
    public fun onStep(action: (TrainingListener.Step) -> Unit) {
        listener(
            object : TrainingListener {
                override fun step(step: TrainingListener.Step) = action(step)
            }
        )
    }

    /** Acts after every epoch that is done and measured, and whose checkpoint is written. */
    public fun onEpoch(action: (Epoch) -> Unit) {
        listener(
            object : TrainingListener {
                override fun epoch(epoch: Epoch) = action(epoch)
            }
        )
    }
}
