package dev.mlit.kotlin

import dev.mlit.spec.InvalidSpecException
import dev.mlit.spec.ModelSpec
import dev.mlit.spec.ModelSpec.Pooling
import dev.mlit.spec.ModelSpec.Stage
import dev.mlit.spec.Presets
import dev.mlit.spec.RunSpec
import dev.mlit.spec.RunSpec.NamedDataset
import dev.mlit.spec.RunSpec.Task
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatExceptionOfType
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource

/** If it fails, a model described in Kotlin is not the one that the same words are in Java. */
class ModelDescriptionTest {
    @ParameterizedTest
    @MethodSource("presets")
    fun `every preset can be described in Kotlin`(preset: ModelSpec) {
        val described =
            model(preset.name()) {
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
        val java =
            ModelSpec.builder("x")
                .image(8, 16, 3)
                .patch(4)
                .embedding(12)
                .attention(2, 1)
                .stage(1, 3)
                .stage(2, 4)
                .hidden(8, 6)
                .routing(1, 0.1, 0.2)
                .normalization(listOf(0.1, 0.2, 0.3), listOf(0.4, 0.5, 0.6))
                .pooling(Pooling.MEAN)
                .mask(0.5)
                .decoder(1, 12, 5, 2, 4, 2)
                .normPixels(true)
                .build()

        val kotlin =
            model("first") {
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

    @Test
    fun `an autoencoder learns from several datasets, its model described in place`() {
        val parts = arrayOf(NamedDataset.of("image-folder", "a.zip"), NamedDataset.of("cifar100"))

        val kotlin =
            run("x") {
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

        val model =
            ModelSpec.builder("small")
                .image(8, 8, 1)
                .patch(4)
                .embedding(12)
                .attention(2, 1)
                .stage(1, 2)
                .hidden(8, 6)
                .mask(0.5)
                .decoder(1, 12, 5, 2, 4, 2)
                .build()
        assertThat(kotlin)
            .isEqualTo(
                RunSpec.builder("x")
                    .task(Task.RECONSTRUCT)
                    .model(model)
                    .datasets(*parts)
                    .validationFraction(0.1)
                    .build()
            )
    }

    companion object {
        @JvmStatic fun presets(): List<ModelSpec> = Presets.names().map { checkNotNull(Presets.named(it)) }
    }
}
