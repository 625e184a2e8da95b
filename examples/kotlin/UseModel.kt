package dev.mlit.examples.kotlin

import dev.mlit.Mlit
import dev.mlit.serve.ModelServer
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Path
import java.time.Duration

/**
 * Says what is in a picture, in Kotlin: the snippet of every model card, for many threads, and over HTTP.
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

    // For programs in other languages; a port that is free.
    ModelServer.start(Path.of(args[0])) { it.port(0) }.use { server ->
        val picture = HttpRequest.newBuilder(server.uri().resolve("/classify?top=1"))
            .POST(HttpRequest.BodyPublishers.ofFile(Path.of(args[1])))
            .build()
        val answer = HttpClient.newHttpClient().send(picture, HttpResponse.BodyHandlers.ofString())
        println("${server.uri()}/classify: ${answer.body()}")
    }
}
