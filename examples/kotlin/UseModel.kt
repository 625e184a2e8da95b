package dev.mlit.examples.kotlin

import dev.mlit.Mlit
import java.nio.file.Path
import java.time.Duration

/**
 * Says what is in a picture, in Kotlin: the snippet of every model card, and the same for many threads.
 *
 *     examples/run UseModel savedmodels/quickstart examples/images/sneaker.png
 */
fun main(args: Array<String>) {
    Mlit.load(Path.of(args[0])).use { classifier ->
        classifier.classify(Path.of(args[1]), 3).forEach { println("${it.label} ${it.probability}") }
    }

    // Calls that come at the same time go through the model together.
    Mlit.load(Path.of(args[0])) { it.batch(16).maxWait(Duration.ofMillis(2)) }.use { classifier ->
        val pictures = List(64) { Path.of(args[1]) }
        val best = pictures.parallelStream().map { classifier.classify(it, 1).first().label }.distinct().toList()
        println("${pictures.size} pictures at once: ${best.joinToString()}")
    }
}
