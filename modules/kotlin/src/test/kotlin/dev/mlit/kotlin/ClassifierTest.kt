package dev.mlit.kotlin

import dev.mlit.Mlit
import dev.mlit.data.image.ImageFile
import dev.mlit.savedmodel.Classifier
import dev.mlit.spec.InvalidInputException
import dev.mlit.train.Trainer
import java.nio.file.Files
import java.nio.file.Path
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.test.runTest
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatExceptionOfType
import org.assertj.core.api.Assertions.within
import org.assertj.core.api.InstanceOfAssertFactories
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.BeforeAll
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.io.TempDir

/** If it fails, a coroutine gets other answers than a thread, or none. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClassifierTest {
    private lateinit var model: Path
    private lateinit var classifier: Classifier
    private val picture = Path.of("examples/images/bag.png")
    private val images = Tiny.images(train = 60, test = 600)

    @BeforeAll
    fun trainOnce(@TempDir temporary: Path) {
        model =
            Mlit.train(Tiny.run(epochs = 2)) { trainer: Trainer ->
                    trainer.data(images).directory(temporary.resolve("run"))
                }
                .savedModel
        classifier = Classifier.load(model)
    }

    @AfterAll fun close() = classifier.close()

    @Test
    fun `a picture has the answer that it has in Java, wherever it is`() =
        runTest(timeout = 30.seconds) {
            val expected = classifier.classify(picture)

            assertThat(classifier.awaitPredictions(picture)).isEqualTo(expected).hasSize(3)
            assertThat(classifier.awaitPredictions(Files.readAllBytes(picture))).isEqualTo(expected)
            assertThat(Files.newInputStream(picture).use { classifier.awaitPredictions(it) }).isEqualTo(expected)
            assertThat(classifier.awaitPredictions(ImageFile.decode(picture))).isEqualTo(expected)
            assertThat(classifier.awaitPredictions(picture, top = 1)).isEqualTo(expected.take(1))
        }

    @Test
    fun `many coroutines share one classifier`() =
        runTest(timeout = 30.seconds) {
            loadClassifier(model) { batch(16).maxWait(2.milliseconds) }
                .use { shared ->
                    val expected = shared.classify(picture, 1).map { it.label }

                    val labels =
                        List(64) { async { shared.awaitPredictions(picture, top = 1).map { it.label } } }.awaitAll()

                    assertThat(labels).containsOnly(expected)
                }
        }

    @Test
    fun `a flow has a result for every image, in their order, and goes on after one that is none`() =
        runTest(timeout = 30.seconds) {
            val sources =
                sequenceOf(
                    picture.asImage(),
                    "no image".toByteArray().asImage("upload 7"),
                    Files.readAllBytes(picture).asImage("bytes"),
                    Files.newInputStream(picture).asImage("stream"),
                    ImageFile.decode(picture).asImage("memory"),
                )

            val results = classifier.classifyAll(sources, top = 1).toList()

            assertThat(results.map { it.name })
                .containsExactly(picture.toString(), "upload 7", "bytes", "stream", "memory")
            assertThat(results[1].problem.get()).hasMessageContaining("upload 7")
            val alone = classifier.classify(picture, 1).first()
            assertThat(results.filter { it.problem.isEmpty }).hasSize(4).allSatisfy { result ->
                val best = result.predictions.single()
                assertThat(best.label).isEqualTo(alone.label)
                // Of images together, the last digits differ.
                assertThat(best.probability).isCloseTo(alone.probability, within(1e-5))
            }
        }

    @Test
    fun `a collector that has enough ends a flow without end`() =
        runTest(timeout = 30.seconds) {
            val endless = generateSequence(picture.asImage()) { it }

            assertThat(classifier.classifyAll(endless, top = 1).take(100).toList()).hasSize(100)
            assertThat(classifier.classifyAll(endless).first().predictions).hasSize(3)
        }

    @Test
    fun `an evaluation is Java's, and a cancelled one ends`() =
        runBlocking<Unit> {
            val done = mutableListOf<Int>()

            val evaluation = classifier.awaitEvaluation(images) { done += it }

            assertThat(evaluation.accuracy()).isEqualTo(classifier.evaluate(images).accuracy())
            assertThat(done.last()).isEqualTo(600)
            done.clear()
            val job = launch {
                val job = checkNotNull(coroutineContext[Job])
                classifier.awaitEvaluation(images) {
                    done += it
                    job.cancel()
                }
            }
            job.join()
            assertThat(job.isCancelled).isTrue()
            assertThat(done).singleElement().asInstanceOf(InstanceOfAssertFactories.INTEGER).isLessThan(600)
        }

    @Test
    fun `what is no image, and what is no model, is named`(@TempDir temporary: Path) {
        val file = Files.writeString(temporary.resolve("note.png"), "no image")

        assertThatExceptionOfType(InvalidInputException::class.java)
            .isThrownBy { runBlocking { classifier.awaitPredictions(file) } }
            .withMessageContaining("note.png")
        assertThatExceptionOfType(InvalidInputException::class.java)
            .isThrownBy { runBlocking { loadClassifier(temporary) } }
            .withMessageContaining(temporary.toString())
    }

    @Test
    fun `of a cancelled coroutine the answer is dropped`() =
        runBlocking<Unit> {
            val answer = async { classifier.awaitPredictions(picture) }
            answer.cancel()

            assertThat(runCatching { answer.await() }.exceptionOrNull()).isInstanceOf(CancellationException::class.java)
            assertThat(classifier.awaitPredictions(picture)).hasSize(3)
        }
}
