package consumer

import dev.mlit.Mlit
import java.nio.file.Path
import java.time.Duration

fun main(args: Array<String>) {
    val (model, picture) = args.map(Path::of)
    Mlit.load(model) { it.batch(8).maxWait(Duration.ofMillis(1)) }.use { classifier ->
        classifier.classify(picture, 3).forEach(::println)
    }
}
