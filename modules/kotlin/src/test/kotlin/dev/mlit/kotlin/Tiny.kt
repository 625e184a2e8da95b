package dev.mlit.kotlin

import dev.mlit.data.Dataset
import dev.mlit.data.MemorySplit
import dev.mlit.spec.ImageShape
import dev.mlit.spec.ModelSpec
import dev.mlit.spec.RunSpec
import java.util.Random

/** A model of 2,317 parameters, images that it learns in a second, and a run of it. */
internal object Tiny {
    private const val SIDE = 8
    private val labels = listOf("up", "down", "dark")

    val model: ModelSpec =
        model("tiny") {
            image(SIDE, SIDE, 1)
            patch(4)
            embedding(12)
            attention(heads = 2, groups = 1)
            stages {
                stage(layers = 1, experts = 2)
                stage(layers = 1, experts = 3)
            }
            hidden(first = 8, last = 6)
            classes(3)
        }

    /** So many steps an epoch: batches of 16. */
    fun run(epochs: Int): RunSpec =
        run("tiny") {
            model(model)
            data("tiny")
            training {
                epochs(epochs)
                batch(16)
            }
            optimizer { learningRate(0.01) }
            schedule { warmupEpochs(0.0) }
        }

    /** Gray images of 8x8: the upper half is bright, the lower half is, or none. */
    fun images(train: Int, test: Int): Dataset =
        Dataset.of("tiny", labels, ImageShape(SIDE, SIDE, 1), split(train, 1), split(test, 2))

    private fun split(images: Int, seed: Long): MemorySplit {
        val random = Random(seed)
        val classes = IntArray(images) { it % labels.size }
        val pixels =
            ByteArray(images * SIDE * SIDE) { i ->
                val half = if (i % (SIDE * SIDE) < SIDE * SIDE / 2) 0 else 1
                val bright = classes[i / (SIDE * SIDE)] == half
                ((if (bright) 200 else 40) + random.nextInt(50) - 25).toByte()
            }
        return MemorySplit(pixels, classes, SIDE * SIDE)
    }
}
