package dev.mlit.kotlin

import dev.mlit.spec.Specs
import dev.mlit.spec.StudySpec
import dev.mlit.spec.StudySpec.ArmKind
import dev.mlit.study.Study
import dev.mlit.study.StudyListener
import dev.mlit.train.Trainer
import java.nio.file.Files
import java.nio.file.Path
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runTest
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** If it fails, a study in Kotlin is another one than in Java, or loses what it has trained when it is cancelled. */
class StudyTest {
    @Test
    fun `a cancelled study goes on where it was`(@TempDir directory: Path) =
        runTest(timeout = 60.seconds) {
            Files.writeString(directory.resolve("tiny.yaml"), Specs.yaml(Tiny.run(epochs = 2)))
            val spec =
                study("two-seeds") {
                    target("tiny") { run("tiny.yaml") }
                    arm(ArmKind.SCRATCH)
                    seeds(1, 2)
                    tests(1)
                }
            val begun = mutableListOf<Int>()
            fun study(whenSecondBegins: () -> Unit) =
                Study.of(spec, directory)
                    .directory(directory.resolve("study"))
                    .datasets { Tiny.images(train = 48, test = 30) }
                    .listener(
                        object : StudyListener {
                            override fun training(run: StudyListener.Run, trainer: Trainer) {
                                begun += run.number
                                if (run.number == 2) whenSecondBegins()
                            }
                        }
                    )

            val job = launch {
                val job = checkNotNull(coroutineContext[Job])
                study { job.cancel() }.awaitResult()
            }
            job.join()
            assertThat(job.isCancelled).isTrue()

            val result = study {}.awaitResult()

            assertThat(begun).containsExactly(1, 2, 2)
            assertThat(result.text()).contains("tiny")
        }

    @Test
    fun `a study is the one of the Java builder`() {
        val kotlin =
            study("transfer") {
                pretraining("cifar100") {
                    run("pretrain.yaml")
                    from("runs/first")
                    set("training.epochs=3")
                }
                target("cifar10") {
                    run("transfer.yaml")
                    fraction(labels = 0.01, steps = 400)
                    fraction(labels = 1.0)
                    set("training.batch=50")
                }
                arm(ArmKind.SCRATCH)
                arm(ArmKind.FINE_TUNE) {
                    name("slow")
                    set("optimizer.weight-decay=0.1")
                    sweep("optimizer.learning-rate", "1.0e-3", "4.0e-3")
                }
                seeds(4, 5)
                tests(2)
                sweepSeeds(2)
            }

        assertThat(kotlin)
            .isEqualTo(
                StudySpec.builder("transfer")
                    .pretraining("cifar100") { it.run("pretrain.yaml").from("runs/first").set("training.epochs=3") }
                    .target("cifar10") {
                        it.run("transfer.yaml").fraction(0.01, 400).fraction(1.0).set("training.batch=50")
                    }
                    .arm(ArmKind.SCRATCH)
                    .arm(ArmKind.FINE_TUNE) {
                        it.name("slow")
                            .set("optimizer.weight-decay=0.1")
                            .sweep("optimizer.learning-rate", "1.0e-3", "4.0e-3")
                    }
                    .seeds(4, 5)
                    .tests(2)
                    .sweepSeeds(2)
                    .build()
            )
    }
}
