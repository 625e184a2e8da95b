package dev.mlit.kotlin

import dev.mlit.spec.AugmentationSpec.Fill
import dev.mlit.spec.EarlyStopping.Metric
import dev.mlit.spec.InvalidSpecException
import dev.mlit.spec.ModelSpec
import dev.mlit.spec.ModelSpec.Pooling
import dev.mlit.spec.ModelSpec.Stage
import dev.mlit.spec.OptimizerSpec
import dev.mlit.spec.Precision
import dev.mlit.spec.Presets
import dev.mlit.spec.ProbeSpec
import dev.mlit.spec.RunSpec
import dev.mlit.spec.RunSpec.NamedDataset
import dev.mlit.spec.RunSpec.Task
import dev.mlit.spec.ScheduleSpec.Decay
import dev.mlit.spec.Specs
import dev.mlit.spec.StudySpec
import dev.mlit.spec.StudySpec.ArmKind
import dev.mlit.spec.TrainingSpec.Sampling
import java.nio.file.Files
import java.nio.file.Path
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatExceptionOfType
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource

/** If it fails, a description in Kotlin is not the one that the same words are in Java and YAML. */
class DescriptionTest {
    @ParameterizedTest
    @MethodSource("presets")
    fun `every preset can be described in Kotlin`(preset: ModelSpec) {
        val described = model(preset.name()) {
            image(height = 36, width = 36, channels = 3)
            patch(3)
            embedding(preset.embedding)
            attention(heads = preset.attention.heads, groups = preset.attention.groups)
            stages { preset.stages.forEach { stage(layers = it.layers, experts = it.experts) } }
            hidden(first = preset.hidden.first, last = preset.hidden.last)
            preset.mask?.let {
                mask(it)
                decoder(layers = 2, embedding = 108, hidden = 54, experts = 3, heads = 6, groups = 3)
            } ?: classes(100)
        }

        assertThat(described).isEqualTo(preset)
    }

    @Test
    fun `a model with every field is the one of the Java builder`() {
        val java = ModelSpec.builder("x").image(8, 16, 3).patch(4).embedding(12).attention(2, 1)
            .stage(1, 3).stage(2, 4).hidden(8, 6).routing(1, 0.1, 0.2)
            .normalization(listOf(0.1, 0.2, 0.3), listOf(0.4, 0.5, 0.6)).pooling(Pooling.MEAN)
            .mask(0.5).decoder(1, 12, 5, 2, 4, 2).normPixels(true).build()

        val kotlin = model("first") {
            image(height = 8, width = 16, channels = 3)
            patch(4)
            embedding(12)
            attention(heads = 2, groups = 1)
            stage(layers = 1, experts = 3)
            stage(layers = 2, experts = 4)
            hidden(first = 8, last = 6)
            routing(top = 1, importanceWeight = 0.1, loadWeight = 0.2)
            normalization(mean = listOf(0.1, 0.2, 0.3), std = listOf(0.4, 0.5, 0.6))
            pooling(Pooling.MEAN)
            mask(0.5)
            decoder(layers = 1, embedding = 12, hidden = 5, experts = 2, heads = 4, groups = 2)
            normPixels(true)
        }

        assertThat(kotlin.copy { name("x") }).isEqualTo(java)
        assertThat(kotlin.copy { normalization(mean = 0.3, std = 0.2) }.normalization.mean).containsExactly(0.3)
        assertThat(kotlin.copy { routing(top = 2) }.routing).isEqualTo(ModelSpec.Routing(2, 0.1, 0.2))
    }

    @Test
    fun `a copy adds a stage, or has other ones`() {
        val model = Presets.mlitXxs()

        assertThat(model.copy { stage(layers = 1, experts = 6) }.stages).hasSize(4)
        assertThat(model.copy { stages { stage(layers = 1, experts = 6) } }.stages).containsExactly(Stage(1, 6))
        assertThat(model.copy { stages(listOf(Stage(2, 2))) }.stages).containsExactly(Stage(2, 2))
        assertThat(model).isEqualTo(Presets.mlitXxs())
    }

    @Test
    fun `what is not set has the default that it has in YAML`(@TempDir directory: Path) {
        val yaml = directory.resolve("run.yaml")
        Files.writeString(yaml, "{name: plain, model: mlit-xxs, data: {dataset: cifar100}}")

        val plain = run("plain") {
            model(Presets.mlitXxs())
            data("cifar100")
        }

        assertThat(plain).isEqualTo(Specs.run(yaml))
        val touched = plain.copy {
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
        val java = RunSpec.builder("x").task(Task.CLASSIFY).model(Tiny.model)
            .data("image-folder", "photos", 0.2).labelFraction(0.5).validationFraction(0.1).exclude(listOf("a/1.png"))
            .training { t ->
                t.epochs(7).batch(32).microBatch(16).seed(5).steps(9).testEvery(2).threads(1).labelSmoothing(0.1)
                    .dropout(0.2).dropPath(0.3).patchDropout(0.4).workerTimeout(30).sampling(Sampling.BALANCED)
                    .precision(Precision.BFLOAT16)
            }
            .optimizer { o ->
                o.name(OptimizerSpec.Name.MUON).learningRate(1e-3).muonLearningRate(2e-3).momentum(0.9)
                    .weightDecay(0.1).betas(0.8, 0.99).epsilon(1e-7).clipNorm(2.0).layerDecay(0.7)
            }
            .schedule { it.warmupEpochs(0.5).decay(Decay.LINEAR).finalFactor(0.1) }
            .augmentation { a ->
                a.flip(true).verticalFlip(true).quarterTurns(true).randomResizedCrop(0.3, 0.9, 0.8, 1.2).randomCrop(2)
                    .rotation(10.0).translation(0.1).fill(Fill.REFLECT).colorJitter(0.1, 0.2, 0.0, 0.0)
                    .randomErasing(0.3, 0.1, 0.2, 0.5, 2.0).mixup(0.2).cutmix(0.3).mixProbability(0.4)
                    .randAugment(2, 9, 20)
            }
            .ema(0.99).initialize("runs/first", false).freeze("encoder/block_0", "**/bias")
            .checkpoints { it.everyMinutes(1.0).everySteps(100) }
            .earlyStopping { it.patience(3).minDelta(0.01).metric(Metric.VALIDATION_LOSS) }
            .export("there").neighbours { it.every(2).k(5).images(50).dataset("cifar10", "here") }
            .build()

        val kotlin = run("first") {
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

        val crop = run("x") {
            model(Tiny.model)
            data("eurosat", directory = "images.zip")
            augmentation {
                randomResizedCrop(leastScale = 0.3, mostScale = 0.9)
                randomErasing(probability = 0.3)
                trivialAugmentWide()
            }
            neighbours { dataset("cifar10") }
        }
        assertThat(crop).isEqualTo(
            builder().data("eurosat", "images.zip")
                .augmentation { it.randomResizedCrop(0.3, 0.9).randomErasing(0.3).trivialAugmentWide() }
                .neighbours { it.dataset("cifar10") }.build(),
        )
        val erasing = run("x") {
            model(Tiny.model)
            data("eurosat")
            augmentation {
                randomErasing(probability = 0.3, leastArea = 0.1, mostArea = 0.2)
                trivialAugmentWide(bins = 11)
            }
            initialize("there")
        }
        assertThat(erasing).isEqualTo(
            builder().data("eurosat").augmentation { it.randomErasing(0.3, 0.1, 0.2).trivialAugmentWide(11) }
                .initialize("there").build(),
        )
        val operations = run("x") {
            model(Tiny.model)
            data("eurosat")
            augmentation { randAugment(operations = 2, magnitude = 9) }
        }
        assertThat(operations).isEqualTo(builder().data("eurosat").augmentation { it.randAugment(2, 9) }.build())
    }

    @Test
    fun `a probe is the one of the Java builder`() {
        fun builder() = RunSpec.builder("x").model(Tiny.model).data("eurosat").initialize("there")

        fun probed(settings: ProbeScope.() -> Unit) = run("x") {
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
        assertThat(neighbours)
            .isEqualTo(builder().probe { it.kind(ProbeSpec.Kind.NEAREST_NEIGHBOURS).k(7) }.build())
    }

    @Test
    fun `an autoencoder learns from several datasets, its model described in place`() {
        val parts = arrayOf(NamedDataset.of("image-folder", "a.zip"), NamedDataset.of("cifar100"))

        val kotlin = run("x") {
            task(Task.RECONSTRUCT)
            model("small") {
                image(8, 8, 1)
                patch(4)
                embedding(12)
                attention(heads = 2, groups = 1)
                stages { stage(layers = 1, experts = 2) }
                hidden(first = 8, last = 6)
                mask(0.5)
                decoder(layers = 1, embedding = 12, hidden = 5, experts = 2, heads = 4, groups = 2)
            }
            datasets(*parts) { validationFraction(0.1) }
        }

        val model = ModelSpec.builder("small").image(8, 8, 1).patch(4).embedding(12).attention(2, 1).stage(1, 2)
            .hidden(8, 6).mask(0.5).decoder(1, 12, 5, 2, 4, 2).build()
        assertThat(kotlin).isEqualTo(
            RunSpec.builder("x").task(Task.RECONSTRUCT).model(model).datasets(*parts).validationFraction(0.1).build(),
        )
    }

    @Test
    fun `a study is the one of the Java builder`() {
        val kotlin = study("transfer") {
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

        assertThat(kotlin).isEqualTo(
            StudySpec.builder("transfer")
                .pretraining("cifar100") { it.run("pretrain.yaml").from("runs/first").set("training.epochs=3") }
                .target("cifar10") {
                    it.run("transfer.yaml").fraction(0.01, 400).fraction(1.0).set("training.batch=50")
                }
                .arm(ArmKind.SCRATCH)
                .arm(ArmKind.FINE_TUNE) {
                    it.name("slow").set("optimizer.weight-decay=0.1")
                        .sweep("optimizer.learning-rate", "1.0e-3", "4.0e-3")
                }
                .seeds(4, 5).tests(2).sweepSeeds(2).build(),
        )
    }

    @Test
    fun `settings of a group add up, and a field is set once`() {
        val run = Tiny.run(epochs = 3).copy { training { batch(8) } }
        assertThat(run.training.epochs).isEqualTo(3)

        assertThatExceptionOfType(IllegalStateException::class.java).isThrownBy {
            run.copy {
                training { epochs(4) }
                training { epochs(5) }
            }
        }.withMessageStartingWith("training.epochs: set to 4 before, and now to 5")
    }

    @Test
    fun `a broken rule is named with field, value and rule, all of them at once`() {
        assertThatExceptionOfType(InvalidSpecException::class.java)
            .isThrownBy { Tiny.model.copy { attention(heads = 5, groups = 2) } }
            .withMessageContaining("attention.heads: 5")
            .withMessageContaining("attention.groups")
        assertThatExceptionOfType(InvalidSpecException::class.java)
            .isThrownBy { model("x") { stages {} } }
            .withMessageContaining("stages")
            .withMessageContaining("image")
    }

    companion object {
        @JvmStatic
        fun presets(): List<ModelSpec> = Presets.names().map { checkNotNull(Presets.named(it)) }

    }
}
