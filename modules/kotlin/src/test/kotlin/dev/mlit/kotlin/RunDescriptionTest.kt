package dev.mlit.kotlin

import dev.mlit.spec.AugmentationSpec.Fill
import dev.mlit.spec.EarlyStopping.Metric
import dev.mlit.spec.OptimizerSpec
import dev.mlit.spec.Precision
import dev.mlit.spec.Presets
import dev.mlit.spec.ProbeSpec
import dev.mlit.spec.RunSpec
import dev.mlit.spec.RunSpec.Task
import dev.mlit.spec.ScheduleSpec.Decay
import dev.mlit.spec.Specs
import dev.mlit.spec.TrainingSpec.Recompute
import dev.mlit.spec.TrainingSpec.Sampling
import java.nio.file.Files
import java.nio.file.Path
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatExceptionOfType
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** If it fails, a run described in Kotlin is not the one that the same words are in Java and YAML. */
class RunDescriptionTest {

    @Test
    fun `what is not set has the default that it has in YAML`(@TempDir directory: Path) {
        val yaml = directory.resolve("run.yaml")
        Files.writeString(yaml, "{name: plain, model: mlit-xxs, data: {dataset: cifar100}}")

        val plain =
            run("plain") {
                model(Presets.mlitXxs())
                data("cifar100")
            }

        assertThat(plain).isEqualTo(Specs.run(yaml))
        val touched =
            plain.copy {
                training {}
                optimizer {}
                schedule {}
                augmentation {}
                checkpoints {}
            }
        assertThat(touched).isEqualTo(plain)
    }

    @Test
    fun `a run with every field is the one of the Java builder`() {
        val java =
            RunSpec.builder("x")
                .task(Task.CLASSIFY)
                .model(Tiny.model)
                .data("image-folder", "photos", 0.2)
                .labelFraction(0.5)
                .validationFraction(0.1)
                .exclude(listOf("a/1.png"))
                .training { t ->
                    t.epochs(7)
                        .batch(32)
                        .microBatch(16)
                        .seed(5)
                        .steps(9)
                        .testEvery(2)
                        .threads(1)
                        .labelSmoothing(0.1)
                        .dropout(0.2)
                        .dropPath(0.3)
                        .patchDropout(0.4)
                        .workerTimeout(30)
                        .sampling(Sampling.BALANCED)
                        .recompute(Recompute.NEVER)
                        .precision(Precision.BFLOAT16)
                }
                .optimizer { o ->
                    o.name(OptimizerSpec.Name.MUON)
                        .learningRate(1e-3)
                        .muonLearningRate(2e-3)
                        .momentum(0.9)
                        .weightDecay(0.1)
                        .betas(0.8, 0.99)
                        .epsilon(1e-7)
                        .clipNorm(2.0)
                        .layerDecay(0.7)
                }
                .schedule { it.warmupEpochs(0.5).decay(Decay.LINEAR).finalFactor(0.1) }
                .augmentation { a ->
                    a.flip(true)
                        .verticalFlip(true)
                        .quarterTurns(true)
                        .randomResizedCrop(0.3, 0.9, 0.8, 1.2)
                        .randomCrop(2)
                        .rotation(10.0)
                        .translation(0.1)
                        .fill(Fill.REFLECT)
                        .colorJitter(0.1, 0.2, 0.0, 0.0)
                        .randomErasing(0.3, 0.1, 0.2, 0.5, 2.0)
                        .mixup(0.2)
                        .cutmix(0.3)
                        .mixProbability(0.4)
                        .randAugment(2, 9, 20)
                }
                .ema(0.99)
                .initialize("runs/first", false)
                .freeze("encoder/block_0", "**/bias")
                .checkpoints { it.everyMinutes(1.0).everySteps(100) }
                .earlyStopping { it.patience(3).minDelta(0.01).metric(Metric.VALIDATION_LOSS) }
                .export("there")
                .neighbours { it.every(2).k(5).images(50).dataset("cifar10", "here") }
                .build()

        val kotlin =
            run("first") {
                task(Task.CLASSIFY)
                model(Tiny.model)
                data("image-folder", directory = "photos", testFraction = 0.2) {
                    labelFraction(0.5)
                    validationFraction(0.1)
                    exclude(listOf("a/1.png"))
                }
                training {
                    epochs(7)
                    batch(32)
                    microBatch(16)
                    seed(5)
                    steps(9)
                    testEvery(2)
                    threads(1)
                    labelSmoothing(0.1)
                    dropout(0.2)
                    dropPath(0.3)
                    patchDropout(0.4)
                    workerTimeout(30)
                    sampling(Sampling.BALANCED)
                    recompute(Recompute.NEVER)
                    precision(Precision.BFLOAT16)
                }
                optimizer {
                    name(OptimizerSpec.Name.MUON)
                    learningRate(1e-3)
                    muonLearningRate(2e-3)
                    momentum(0.9)
                    weightDecay(0.1)
                    betas(beta1 = 0.8, beta2 = 0.99)
                    epsilon(1e-7)
                    clipNorm(2.0)
                    layerDecay(0.7)
                }
                schedule {
                    warmupEpochs(0.5)
                    decay(Decay.LINEAR)
                    finalFactor(0.1)
                }
                augmentation {
                    flip(true)
                    verticalFlip(true)
                    quarterTurns(true)
                    randomResizedCrop(leastScale = 0.3, mostScale = 0.9, leastRatio = 0.8, mostRatio = 1.2)
                    randomCrop(padding = 2)
                    rotation(degrees = 10.0)
                    translation(0.1)
                    fill(Fill.REFLECT)
                    colorJitter(brightness = 0.1, contrast = 0.2, saturation = 0.0, hue = 0.0)
                    randomErasing(probability = 0.3, leastArea = 0.1, mostArea = 0.2, leastRatio = 0.5, mostRatio = 2.0)
                    mixup(alpha = 0.2)
                    cutmix(alpha = 0.3)
                    mixProbability(0.4)
                    randAugment(operations = 2, magnitude = 9, bins = 20)
                }
                ema(decay = 0.99)
                initialize(from = "runs/first", head = false)
                freeze("encoder/block_0", "**/bias")
                checkpoints {
                    everyMinutes(1.0)
                    everySteps(100)
                }
                earlyStopping {
                    patience(3)
                    minDelta(0.01)
                    metric(Metric.VALIDATION_LOSS)
                }
                export("there")
                neighbours {
                    every(2)
                    k(5)
                    images(50)
                    dataset("cifar10", directory = "here")
                }
            }

        assertThat(kotlin.copy { name("x") }).isEqualTo(java)
    }

    @Test
    fun `the short forms are those of the Java builder`() {
        fun builder() = RunSpec.builder("x").model(Tiny.model)

        val crop =
            run("x") {
                model(Tiny.model)
                data("eurosat", directory = "images.zip")
                augmentation {
                    randomResizedCrop(leastScale = 0.3, mostScale = 0.9)
                    randomErasing(probability = 0.3)
                    trivialAugmentWide()
                }
                neighbours { dataset("cifar10") }
            }
        assertThat(crop)
            .isEqualTo(
                builder()
                    .data("eurosat", "images.zip")
                    .augmentation { it.randomResizedCrop(0.3, 0.9).randomErasing(0.3).trivialAugmentWide() }
                    .neighbours { it.dataset("cifar10") }
                    .build()
            )
        val erasing =
            run("x") {
                model(Tiny.model)
                data("eurosat")
                augmentation {
                    randomErasing(probability = 0.3, leastArea = 0.1, mostArea = 0.2)
                    trivialAugmentWide(bins = 11)
                }
                initialize("there")
            }
        assertThat(erasing)
            .isEqualTo(
                builder()
                    .data("eurosat")
                    .augmentation { it.randomErasing(0.3, 0.1, 0.2).trivialAugmentWide(11) }
                    .initialize("there")
                    .build()
            )
        val operations =
            run("x") {
                model(Tiny.model)
                data("eurosat")
                augmentation { randAugment(operations = 2, magnitude = 9) }
            }
        assertThat(operations).isEqualTo(builder().data("eurosat").augmentation { it.randAugment(2, 9) }.build())
    }

    @Test
    fun `a probe is the one of the Java builder`() {
        fun builder() = RunSpec.builder("x").model(Tiny.model).data("eurosat").initialize("there")

        fun probed(settings: ProbeScope.() -> Unit) =
            run("x") {
                model(Tiny.model)
                data("eurosat")
                initialize("there")
                probe(settings)
            }

        assertThat(probed { l2(0.1) }).isEqualTo(builder().probe { it.l2(0.1) }.build())
        val neighbours = probed {
            kind(ProbeSpec.Kind.NEAREST_NEIGHBOURS)
            k(7)
        }
        assertThat(neighbours).isEqualTo(builder().probe { it.kind(ProbeSpec.Kind.NEAREST_NEIGHBOURS).k(7) }.build())
    }

    @Test
    fun `settings of a group add up, and a field is set once`() {
        val run = Tiny.run(epochs = 3).copy { training { batch(8) } }
        assertThat(run.training.epochs).isEqualTo(3)

        assertThatExceptionOfType(IllegalStateException::class.java)
            .isThrownBy {
                run.copy {
                    training { epochs(4) }
                    training { epochs(5) }
                }
            }
            .withMessageStartingWith("training.epochs: set to 4 before, and now to 5")
    }
}
