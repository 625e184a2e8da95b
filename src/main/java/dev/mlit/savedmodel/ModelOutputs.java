package dev.mlit.savedmodel;

import dev.mlit.model.InferenceGraph;
import dev.mlit.model.InferenceGraph.Value;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.tensorflow.types.TFloat32;

/**
 * What a loaded model computes for images, as numbers. Values in [0, 1] are asked for, as they are
 * for what the model was trained on: bytes of 0 to 255 are refused.
 *
 * @since 0.1.0
 */
public abstract sealed class ModelOutputs implements AutoCloseable permits Classifier {
  private final ImageShape image;
  private final int embedding;

  /** Images of every kind as values. */
  final InputImages input;

  private final InferenceGraph graph;
  private final MicroBatcher.Model probabilities;
  private final MicroBatcher.Model logits;
  private final MicroBatcher.Model features;
  private final MicroBatcher.Model inBatches;
  private final OpenCalls calls = new OpenCalls();

  ModelOutputs(LoadedModel model, ClassifierOptions options) {
    this.image = model.spec().image();
    this.embedding = model.spec().embedding();
    this.input = options.input(image);
    this.graph = model.graph();
    this.probabilities = options.around((x, n) -> graph.run(Value.PROBABILITIES, x, n));
    this.logits = options.around((x, n) -> graph.run(Value.LOGITS, x, n));
    this.features = options.around((x, n) -> graph.run(Value.FEATURES, x, n));
    this.inBatches = options.counted((x, n) -> graph.runBatch(Value.PROBABILITIES, x, n));
  }

  /**
   * The probabilities of all classes for a batch of images.
   *
   * @param images [count, height, width, channels] in [0, 1], of the model's image size
   * @return [count, classes], image by image
   * @throws IllegalArgumentException if the number of values is not count times that of an image,
   *     or one of them is not in [0, 1]
   */
  public float[] probabilities(float[] images, int count) {
    return run(probabilities, images, count);
  }

  /** The logits of all classes; as {@link #probabilities}. */
  public float[] logits(float[] images, int count) {
    return run(logits, images, count);
  }

  /**
   * The features of a batch of images, for a classifier of your own or a search by similarity.
   *
   * @param images [count, height, width, channels] in [0, 1], of the model's image size
   * @return [count, embedding], image by image
   * @throws IllegalArgumentException if the number of values is not count times that of an image,
   *     or one of them is not in [0, 1]
   */
  public float[] features(float[] images, int count) {
    return run(features, images, count);
  }

  /**
   * The features of an image file of any size.
   *
   * @return as many as the model's embedding is wide
   * @throws InvalidInputException if the file is no image
   */
  public float[] features(Path file) {
    return features(input.of(file), 1);
  }

  /** The features of an image of any size in a stream, which stays open. */
  public float[] features(InputStream stream) {
    return features(input.of(stream), 1);
  }

  /** The features of an image of any size: the bytes of an image file. */
  public float[] features(byte[] bytes) {
    return features(new ByteArrayInputStream(bytes));
  }

  /** The features of an image of any size. */
  public float[] features(BufferedImage image) {
    return features(input.of(image), 1);
  }

  /**
   * The features of a batch of images.
   *
   * @param images [count, height, width, channels] in [0, 1], of the model's image size; it stays
   *     open
   * @return an array for every image
   * @throws IllegalArgumentException if it is of another shape
   */
  public List<float[]> features(TFloat32 images) {
    float[] values = input.of(images);
    int count = values.length / image.values();
    float[] features = features(values, count);
    return IntStream.range(0, count)
        .mapToObj(i -> Arrays.copyOfRange(features, i * embedding, (i + 1) * embedding))
        .toList();
  }

  /**
   * As {@link #probabilities}, of some of many images: by themselves, and without the graph for one
   * image, which takes longer to make than it saves.
   */
  float[] probabilitiesOfMany(float[] images, int count) {
    return run(inBatches, images, count);
  }

  /** Values are checked before they join those of other calls in a batch. */
  private float[] run(MicroBatcher.Model model, float[] images, int count) {
    if (count < 1 || (long) count * image.values() != images.length) {
      throw new IllegalArgumentException(
          images.length + " values are not " + count + " images of " + image);
    }
    for (int i = 0; i < images.length; i++) {
      // Also false for NaN.
      if (!(images[i] >= 0 && images[i] <= 1)) {
        throw outOfRange(images[i], i);
      }
    }
    return calls.answer(() -> model.run(images, count));
  }

  private IllegalArgumentException outOfRange(float value, int index) {
    int pixel = index % image.values() / image.channels();
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "image %d, row %d, column %d, channel %d: %s must be in [0, 1]; bytes are divided by"
                + " 255",
            index / image.values(),
            pixel / image.width(),
            pixel % image.width(),
            index % image.channels(),
            value));
  }

  /** Frees the model: running calls are answered, later ones are refused. */
  @Override
  public void close() {
    if (calls.close()) {
      graph.close();
    }
  }
}
