package dev.mlit.kotlin

import dev.mlit.data.Dataset
import dev.mlit.savedmodel.Classifier
import dev.mlit.savedmodel.ClassifierOptions
import dev.mlit.savedmodel.Evaluation
import dev.mlit.savedmodel.ImageResult
import dev.mlit.savedmodel.ImageSource
import dev.mlit.savedmodel.OtherClassesException
import dev.mlit.savedmodel.Prediction
import dev.mlit.spec.InvalidInputException
import java.awt.image.BufferedImage
import java.io.InputStream
import java.nio.file.Path
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration
import kotlin.time.toJavaDuration
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.trySendBlocking
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.withContext

/**
 * Loads a SavedModel to classify with, on a thread of [Dispatchers.IO]; close it when done:
 * ```
 * loadClassifier(trained.savedModel) { batch(16) }.use { classifier ->
 *     println(classifier.awaitPredictions(Path.of("shoe.png"), top = 1).first().label)
 * }
 * ```
 *
 * @param model a directory of any file system, or a zip of one
 * @param options how calls are answered, such as many at once
 * @throws InvalidInputException with everything that is wrong, if it is no SavedModel of mlit, is damaged, or its
 *   `spec.yaml` or `labels.txt` is not of this model
 */
public suspend fun loadClassifier(model: Path, options: @MlitDsl ClassifierOptions.() -> Unit = {}): Classifier {
    var loaded: Classifier? = null
    try {
        return blocking { Classifier.load(model) { it.options() }.also { loaded = it } }
    } catch (e: Throwable) {
        // Cancelled when it had been loaded: nobody else would close it.
        loaded?.close()
        throw e
    }
}

/** As [ClassifierOptions.maxWait], in Kotlin's durations: `maxWait(2.milliseconds)`. */
public fun ClassifierOptions.maxWait(longest: Duration): ClassifierOptions = maxWait(longest.toJavaDuration())

/**
 * Classifies an image file of any size. Of a cancelled coroutine the answer is dropped; the model is not disturbed.
 *
 * @param top how many classes, at least 1; all of them unless given
 * @return the most probable class first
 * @throws InvalidInputException if the file is no image, or has more pixels than [ClassifierOptions.maxPixels] allows
 * @throws IllegalStateException if the classifier is closed
 */
public suspend fun Classifier.awaitPredictions(file: Path, top: Int = spec().classes): List<Prediction> = blocking {
    classify(file, top)
}

/** As the other `awaitPredictions`, of the bytes of an image file. */
public suspend fun Classifier.awaitPredictions(bytes: ByteArray, top: Int = spec().classes): List<Prediction> =
    blocking {
        classify(bytes, top)
    }

/** As the other `awaitPredictions`, of an image file in a stream, which stays open. */
public suspend fun Classifier.awaitPredictions(stream: InputStream, top: Int = spec().classes): List<Prediction> =
    blocking {
        classify(stream, top)
    }

/** As the other `awaitPredictions`, of an image in memory. */
public suspend fun Classifier.awaitPredictions(image: BufferedImage, top: Int = spec().classes): List<Prediction> =
    blocking {
        classify(image, top)
    }

/**
 * Classifies any number of images as a flow, as fast as its results are collected; a collector that has enough ends it.
 * Images are read ahead while others are computed. One that cannot be read has its problem in its result.
 *
 * @param images asked for one after the other, on a thread of [Dispatchers.IO]
 * @param top how many classes of each image, at least 1; all of them unless given
 * @return a result for every image, in their order
 */
public fun Classifier.classifyAll(images: Sequence<ImageSource>, top: Int = spec().classes): Flow<ImageResult> =
    channelFlow { classifyAll(images.asIterable(), top) { result -> trySendBlocking(result).getOrThrow() } }
        .flowOn(Dispatchers.IO)

/**
 * Classifies the test split of a dataset and compares the answers with its labels, as [Classifier.evaluate] does. When
 * the coroutine is cancelled, it ends after the batch.
 *
 * @param progress gets the number of images that are done, after every batch, on the thread that computes
 * @throws OtherClassesException if one of its classes is none of the model's
 * @throws InvalidInputException if there is no image to test on, a label is that of no class, or an image cannot be
 *   read
 */
public suspend fun Classifier.awaitEvaluation(dataset: Dataset, progress: (images: Int) -> Unit = {}): Evaluation =
    blocking { context ->
        evaluate(dataset) { done ->
            context.ensureActive()
            progress(done)
        }
    }

/** This image file as one of many to classify; its name is its path. */
public fun Path.asImage(): ImageSource = ImageSource.of(this)

/** These bytes of an image file as one of many to classify; they are not copied. */
public fun ByteArray.asImage(name: String): ImageSource = ImageSource.of(name, this)

/** This stream, which begins with an image file, as one of many to classify; it is closed when the image is read. */
public fun InputStream.asImage(name: String): ImageSource = ImageSource.of(name) { this }

/** This image in memory as one of many to classify; leave it unchanged until its result is there. */
public fun BufferedImage.asImage(name: String): ImageSource = ImageSource.of(name, this)

private suspend fun <T> blocking(work: (CoroutineContext) -> T): T =
    withContext(Dispatchers.IO) { work(this.coroutineContext) }
