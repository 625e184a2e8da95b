package dev.mlit.kotlin

import dev.mlit.Mlit
import dev.mlit.spec.InvalidInputException
import dev.mlit.spec.RunSpec
import dev.mlit.train.TrainingListener
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.channels.Channel.Factory.UNLIMITED
import kotlinx.coroutines.channels.ProducerScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.map

/** An epoch that is done and measured: losses, accuracies in `[0, 1]`, images a second, routing. */
public typealias Epoch = TrainingListener.Epoch

/** What happens in a run, from [Started] to [Trained]. */
public sealed interface TrainingEvent {
    /** Training is about to start, or to go on where an earlier process has stopped. */
    public data class Started(val start: TrainingListener.Start) : TrainingEvent

    /** A step is done. A collector that is slower than the steps gets some of them only, and every other event. */
    public data class Stepped(val step: TrainingListener.Step) : TrainingEvent

    /** An epoch is done and measured, and its checkpoint is written. */
    public data class EpochDone(val epoch: Epoch) : TrainingEvent

    /** The test images were read, once, at the end of a run with validation images. */
    public data class Tested(val test: TrainingListener.FinalTest) : TrainingEvent

    /** The run is through, and its model exported: the last event. */
    public data class Trained(val model: Mlit.TrainedModel) : TrainingEvent
}

/**
 * The epochs of a run, which is trained while they are collected: each collector trains a run of its own. The flow ends
 * when the model is exported.
 *
 * A collector that is cancelled, or has enough (`epochs(run).first { it.testAccuracy > 0.9 }`), stops the run after its
 * step; the run is saved then, and [resume] goes on with it.
 *
 * @param settings of the trainer, as for [train]
 * @throws InvalidInputException while it is collected, as [train] does
 */
public fun epochs(run: RunSpec, settings: TrainerScope.() -> Unit = {}): Flow<Epoch> =
    trainingEvents(run, settings).filterIsInstance<TrainingEvent.EpochDone>().map { it.epoch }

/**
 * What happens in a run, which is trained while the events are collected; as [epochs], with [TrainingEvent.Trained] at
 * the end:
 * ```
 * trainingEvents(run).collect { event ->
 *     when (event) {
 *         is Stepped -> bar.progress = event.step.step
 *         is EpochDone -> chart.add(event.epoch.testAccuracy)
 *         is Trained -> println(event.model.savedModel)
 *         else -> {}
 *     }
 * }
 * ```
 *
 * @param settings of the trainer, as for [train]
 * @throws InvalidInputException while it is collected, as [train] does
 */
public fun trainingEvents(run: RunSpec, settings: TrainerScope.() -> Unit = {}): Flow<TrainingEvent> =
    trainingEvents { events ->
        train(run) {
            settings()
            listener(events)
        }
    }

/**
 * As the other `trainingEvents`, of any training: `trainingEvents { events -> resume(directory) { listener(events) }
 * }`.
 *
 * @param training trains with the listener that it gets
 */
public fun trainingEvents(training: suspend (events: TrainingListener) -> Mlit.TrainedModel): Flow<TrainingEvent> =
    flow {
        // Nothing may hold up the thread that trains: events wait for the collector, but of the steps at most one.
        val stepWaits = AtomicBoolean()
        channelFlow {
                val trained = training(Events(this, stepWaits))
                send(TrainingEvent.Trained(trained))
            }
            .buffer(UNLIMITED)
            .collect { event ->
                if (event is TrainingEvent.Stepped) {
                    stepWaits.set(false)
                }
                emit(event)
            }
    }

private class Events(private val collector: ProducerScope<TrainingEvent>, private val stepWaits: AtomicBoolean) :
    TrainingListener {
    override fun started(start: TrainingListener.Start) {
        collector.trySend(TrainingEvent.Started(start))
    }

    override fun step(step: TrainingListener.Step) {
        if (stepWaits.compareAndSet(false, true)) {
            collector.trySend(TrainingEvent.Stepped(step))
        }
    }

    override fun epoch(epoch: Epoch) {
        collector.trySend(TrainingEvent.EpochDone(epoch))
    }

    override fun finalTest(test: TrainingListener.FinalTest) {
        collector.trySend(TrainingEvent.Tested(test))
    }
}
