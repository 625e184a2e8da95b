package dev.mlit.kotlin

import dev.mlit.spec.InvalidInputException
import dev.mlit.train.RunDirectory
import java.nio.file.Files
import java.nio.file.Path
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Job
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withTimeout
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatExceptionOfType
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** If it fails, a coroutine that is cancelled leaves a run going in the background, or loses its work. */
class TrainingTest {
    @TempDir lateinit var temporary: Path

    /** Four steps an epoch. */
    private val images = Tiny.images(train = 64, test = 30)
    private val directory by lazy { temporary.resolve("run") }

    @Test
    fun `a run is trained and exported, and its listeners are called`() =
        runTest(timeout = 60.seconds) {
            val epochs = mutableListOf<Epoch>()
            val steps = mutableListOf<Long>()

            val trained =
                train(Tiny.run(epochs = 2)) {
                    data(images)
                    directory(directory)
                    onEpoch { epochs += it }
                    onStep { steps += it.step }
                }

            assertThat(trained.savedModel).isEqualTo(directory.resolve("savedmodel"))
            assertThat(trained.savedModel.resolve("saved_model.pb")).isRegularFile()
            assertThat(trained.training.steps).isEqualTo(8)
            assertThat(steps).hasSize(8)
            assertThat(epochs.map { it.epoch }).containsExactly(1, 2)
        }

    @Test
    fun `a cancelled coroutine stops the run after its step, and resume goes on from there`() =
        runTest(timeout = 60.seconds) {
            val steps = mutableListOf<Long>()

            val job = cancelledAtStep(3) { onStep { steps += it.step } }

            assertThat(job.isCancelled).isTrue()
            assertThat(steps).containsExactly(1, 2, 3)
            assertThat(directory.resolve("savedmodel")).doesNotExist()
            resume(directory) {
                data(images)
                onStep { steps += it.step }
            }
            assertThat(steps).isEqualTo((1L..12L).toList())
            assertThat(directory.resolve("savedmodel/saved_model.pb")).isRegularFile()
        }

    @Test
    fun `a cancelled run ends as it would have ended undisturbed`() =
        runTest(timeout = 60.seconds) {
            val whole =
                train(threeEpochs) {
                    data(images)
                    directory(temporary.resolve("whole"))
                }
            cancelledAtStep(6)

            val resumed = resume(directory) { data(images) }

            assertThat(resumed.training.testLoss).isEqualTo(whole.training.testLoss)
        }

    /** Of one thread, so that two of them compute the same bits. */
    private val threeEpochs = Tiny.run(epochs = 3).copy { training { threads(1) } }

    /** A run of twelve steps whose coroutine is cancelled during a step. */
    private suspend fun cancelledAtStep(step: Long, settings: TrainerScope.() -> Unit = {}): Job = coroutineScope {
        launch {
            val job = checkNotNull(coroutineContext[Job])
            train(threeEpochs) {
                data(images)
                directory(directory)
                settings()
                onStep { if (it.step == step) job.cancel() }
            }
        }
    }

    @Test
    fun `the exception of a cancelled run is the coroutine's, with its reason`() {
        val reason =
            assertThrows<CancellationException> {
                runBlocking {
                    val began = CompletableDeferred<Unit>()
                    val run = async {
                        train(Tiny.run(epochs = 1000)) {
                            data(images)
                            directory(directory)
                            onStep { began.complete(Unit) }
                        }
                    }
                    began.await()
                    run.cancel(CancellationException("the user closed the window"))
                    run.await()
                }
            }
        assertThat(reason).hasMessage("the user closed the window")

        assertThatExceptionOfType(TimeoutCancellationException::class.java).isThrownBy {
            runBlocking { withTimeout(2.seconds) { resume(directory) { data(images) } } }
        }
    }

    @Test
    fun `cancelled when all is trained, the model is exported`() =
        runTest(timeout = 60.seconds) {
            val job = launch {
                val job = checkNotNull(coroutineContext[Job])
                train(threeEpochs) {
                    data(images)
                    directory(directory)
                    onEpoch { if (it.epoch == 3) job.cancel() }
                }
            }
            job.join()

            assertThat(job.isCancelled).isTrue()
            loadClassifier(directory.resolve("savedmodel")).use {
                assertThat(it.labels()).containsExactly("up", "down", "dark")
            }
        }

    @Test
    fun `bad input is the exception that it is in Java`() {
        assertThatExceptionOfType(InvalidInputException::class.java)
            .isThrownBy { runBlocking { train(Tiny.run(epochs = 1)) { directory(directory) } } }
            .withMessageContaining("tiny: unknown dataset")
        assertThatExceptionOfType(InvalidInputException::class.java)
            .isThrownBy { runBlocking { train(temporary.resolve("nowhere")) { minutes(1.0) } } }
            .withMessageContaining("nowhere")
        assertThat(directory).doesNotExist()
    }

    @Test
    fun `a folder of pictures is planned as in Java, and a cancelled coroutine ends it`() =
        runTest(timeout = 60.seconds) {
            val photos = temporary.resolve("photos")
            for (label in listOf("bag", "coat", "dress")) {
                val folder = Files.createDirectories(photos.resolve(label))
                repeat(12) { Files.copy(Path.of("examples/images/$label.png"), folder.resolve("$it.png")) }
            }

            val run = plan(photos) { minutes(0.2) }

            assertThat(run.data.dataset).isEqualTo("image-folder")
            assertThat(run.model.classes).isEqualTo(3)
            val job = launch { train(photos) { directory(directory).minutes(5.0) } }
            job.cancelAndJoin()
            assertThat(job.isCancelled).isTrue()
        }

    @Test
    fun `the epochs of a run are a flow that ends with it`() =
        runTest(timeout = 60.seconds) {
            val epochs =
                epochs(Tiny.run(epochs = 3)) {
                    data(images)
                    directory(directory)
                }
            assertThat(directory).`as`("nothing is trained before it is collected").doesNotExist()

            val collected = epochs.toList()

            assertThat(collected.map { it.epoch }).containsExactly(1, 2, 3)
            assertThat(collected.last().testAccuracy).isBetween(0.0, 1.0)
            assertThat(directory.resolve("savedmodel/saved_model.pb")).isRegularFile()
        }

    @Test
    fun `a collector that has enough stops the run, which can go on`() =
        runTest(timeout = 60.seconds) {
            val settings: TrainerScope.() -> Unit = {
                data(images)
                directory(directory)
            }

            val first = epochs(Tiny.run(epochs = 1000), settings).first()

            assertThat(first.epoch).isEqualTo(1)
            assertThat(RunDirectory.open(directory).epochs().size).isBetween(1, 20)
            assertThat(directory.resolve("savedmodel")).doesNotExist()
            val next =
                trainingEvents { events ->
                        resume(directory) {
                            data(images)
                            listener(events)
                        }
                    }
                    .first()
            assertThat((next as TrainingEvent.Started).start.resumed).isTrue()
        }

    @Test
    fun `events come in their order, the model last, and none but steps is lost to a slow collector`() =
        runTest(timeout = 60.seconds) {
            val run = Tiny.run(epochs = 3).copy { data("tiny") { validationFraction(0.2) } }

            val events =
                trainingEvents(run) {
                        data(images)
                        directory(directory)
                    }
                    .onEach { Thread.sleep(20) }
                    .toList()

            assertThat(events.first()).isInstanceOf(TrainingEvent.Started::class.java)
            assertThat(events.filterIsInstance<TrainingEvent.Stepped>().map { it.step.step }).isNotEmpty().isSorted()
            assertThat(events.filterIsInstance<TrainingEvent.EpochDone>().map { it.epoch.epoch })
                .containsExactly(1, 2, 3)
            assertThat(events.takeLast(2).map { it::class })
                .containsExactly(TrainingEvent.Tested::class, TrainingEvent.Trained::class)
            val trained = events.last() as TrainingEvent.Trained
            assertThat(trained.model.training.testAccuracy)
                .isEqualTo((events[events.size - 2] as TrainingEvent.Tested).test.testAccuracy)
        }

    @Test
    fun `what a collector throws stops the run`() {
        assertThatExceptionOfType(ArithmeticException::class.java)
            .isThrownBy {
                runBlocking {
                    epochs(Tiny.run(epochs = 1000)) {
                            data(images)
                            directory(directory)
                        }
                        .collect { throw ArithmeticException("of the collector") }
                }
            }
            .withMessage("of the collector")

        assertThat(RunDirectory.open(directory).epochs().size).isBetween(1, 20)
    }

    @Test
    fun `a scope that is cancelled takes its runs along`() =
        runBlocking<Unit> {
            val began = CompletableDeferred<Unit>()
            val parent = launch {
                launch {
                    train(Tiny.run(epochs = 1000)) {
                        data(images)
                        directory(directory)
                        onStep { began.complete(Unit) }
                    }
                }
                awaitCancellation()
            }
            began.await()

            withTimeout(20.seconds) { parent.cancelAndJoin() }

            assertThat(RunDirectory.open(directory).lastCheckpoint()).isNotNull()
        }
}
