package dev.mlit.examples.kotlin

import dev.mlit.Mlit
import dev.mlit.spec.ModelSpec
import dev.mlit.spec.RunSpec
import dev.mlit.train.Listeners
import java.nio.file.Path

/**
 * Describes, trains and uses a tiny vision transformer, in Kotlin, on 10,000 images of clothes that come with mlit.
 *
 *     examples/run Quickstart
 *
 * @KOTLIN@
 *
 * `--steps N` ends the training after N steps, `--out DIR` says where everything goes: runs/kotlin and
 * savedmodels/kotlin if left out.
 */
fun main(args: Array<String>) {
    val options = args.toList().windowed(2, 2).associate { (key, value) -> key to value }
    val out = options["--out"]?.let { Path.of(it) }

    val model = ModelSpec.builder("mlit-kotlin")
        .image(28, 28, 1).patch(4).embedding(48)
        .attention(4, 2)
        .stage(2, 3).stage(2, 4)
        .hidden(48, 24)
        .classes(10)
        .build()

    val run = RunSpec.builder("kotlin")
        .model(model)
        .data("fashion-small")
        .training { t ->
            t.epochs(3).batch(64).seed(1)
            options["--steps"]?.let { t.steps(it.toInt()) }
        }
        .optimizer { it.learningRate(1e-3) }
        .augmentation { it.flip(true) }
        .export(out?.resolve("savedmodel")?.toString() ?: "savedmodels/kotlin")
        .build()

    val trained = Mlit.train(run) { trainer ->
        out?.let { trainer.directory(it.resolve("run")) }
        trainer.listener(Listeners.epochs { println("epoch ${it.epoch}: ${it.testAccuracy}") })
    }

    Mlit.load(trained.savedModel).use { classifier ->
        val best = classifier.classify(Path.of("examples/images/sneaker.png")).first()
        println("sneaker.png: ${best.label} ${best.probability}")
    }
}
