package dev.mlit.savedmodel;

import dev.mlit.data.ClassNames;
import dev.mlit.data.Dataset;
import dev.mlit.data.image.ImageFile;
import dev.mlit.model.InferenceGraph;
import dev.mlit.model.InferenceGraph.Value;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.BatchParts;
import java.awt.image.BufferedImage;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.tensorflow.types.TFloat32;

/**
 * A SavedModel of mlit, loaded to classify images. Safe for use by many threads. It holds the
 * weights as they were when it was loaded.
 *
 * <pre>{@code
 * try (Classifier classifier = Classifier.load(Path.of("savedmodels/quickstart"))) {
 *   Prediction best = classifier.classify(Path.of("shoe.png")).get(0);
 * }
 * }</pre>
 *
 * @since 0.1.0
 */
public final class Classifier implements AutoCloseable {
  /** Image files in memory at a time. */
  private static final int READ_AT_ONCE = 64;

  private final ModelSpec spec;
  private final List<String> labels;
  private final InferenceGraph graph;
  private final MicroBatcher.Model probabilities;
  private final MicroBatcher.Model logits;
  private final MicroBatcher.Model features;
  private final InputImages input;
  private final BatchParts batchParts;
  private final OpenCalls calls = new OpenCalls();

  private Classifier(LoadedModel model, ClassifierOptions options) {
    this.spec = model.spec();
    this.labels = model.labels();
    this.graph = model.graph();
    this.input = new InputImages(spec.image(), options.maxPixels());
    this.batchParts = options.batchParts();
    this.probabilities = options.around((x, n) -> graph.run(Value.PROBABILITIES, x, n));
    this.logits = options.around((x, n) -> graph.run(Value.LOGITS, x, n));
    this.features = options.around((x, n) -> graph.run(Value.FEATURES, x, n));
  }

  /**
   * Loads a SavedModel; each call is answered by itself.
   *
   * @throws InvalidInputException with everything that is wrong, if the directory is no SavedModel
   *     of mlit, is damaged, or its spec.yaml or labels.txt is not of this model
   */
  public static Classifier load(Path directory) {
    return load(directory, options -> {});
  }

  /**
   * Loads a SavedModel.
   *
   * @param settings say how calls are answered, such as {@code options ->
   *     options.batch(16).maxWait(Duration.ofMillis(2))}
   * @throws InvalidInputException as {@link #load(Path)} does
   */
  public static Classifier load(Path directory, Consumer<ClassifierOptions> settings) {
    ClassifierOptions options = new ClassifierOptions();
    settings.accept(options);
    return new Classifier(LoadedModel.of(directory, options.batchParts()), options);
  }

  /** The model's description. */
  public ModelSpec spec() {
    return spec;
  }

  /** The names of the classes; that of class 0 first. */
  public List<String> labels() {
    return labels;
  }

  /**
   * Classifies an image file of any size; see {@link ImageFile} for what becomes of it.
   *
   * @return all classes, the most probable first
   * @throws InvalidInputException if the file is no image, or has more pixels than {@link
   *     ClassifierOptions#maxPixels(long)} allows
   * @throws IllegalStateException if the classifier is closed, as from all calls
   */
  public List<Prediction> classify(Path file) {
    return classify(file, spec.classes());
  }

  /**
   * As {@link #classify(Path)}.
   *
   * @param top how many classes, the most probable first; all if there are fewer
   */
  public List<Prediction> classify(Path file, int top) {
    return one(input.of(file), top);
  }

  /**
   * Classifies an image of any size in a stream, which stays open: PNG, JPEG, BMP, or the first
   * image of a GIF.
   *
   * @return all classes, the most probable first
   * @throws InvalidInputException if the stream holds no image
   */
  public List<Prediction> classify(InputStream stream) {
    return classify(stream, spec.classes());
  }

  /**
   * As {@link #classify(InputStream)}.
   *
   * @param top how many classes, the most probable first; all if there are fewer
   */
  public List<Prediction> classify(InputStream stream, int top) {
    return one(input.of(stream), top);
  }

  /**
   * Classifies an image of any size.
   *
   * @return all classes, the most probable first
   */
  public List<Prediction> classify(BufferedImage image) {
    return classify(image, spec.classes());
  }

  /**
   * As {@link #classify(BufferedImage)}.
   *
   * @param top how many classes, the most probable first; all if there are fewer
   */
  public List<Prediction> classify(BufferedImage image, int top) {
    return one(input.of(image), top);
  }

  /**
   * Classifies a batch of images.
   *
   * @param images [count, height, width, channels] in [0, 1], of the model's image size; it stays
   *     open
   * @param top how many classes of each image, the most probable first; all if there are fewer
   * @throws IllegalArgumentException if it is of another shape
   */
  public List<List<Prediction>> classify(TFloat32 images, int top) {
    float[] values = input.of(images);
    return Prediction.ranked(
        probabilities(values, values.length / spec.image().values()), labels, top);
  }

  /**
   * Classifies image files of any size, many at a time.
   *
   * @param top how many classes of each image, the most probable first; all if there are fewer
   * @throws InvalidInputException if one of them is no image
   */
  public List<List<Prediction>> classifyFiles(List<Path> files, int top) {
    return many(files, input::of, top);
  }

  /**
   * Classifies images of any size, many at a time.
   *
   * @param top how many classes of each image, the most probable first; all if there are fewer
   */
  public List<List<Prediction>> classifyImages(List<BufferedImage> images, int top) {
    return many(images, input::of, top);
  }

  private List<Prediction> one(float[] image, int top) {
    return Prediction.ranked(probabilities(image, 1), labels, top).get(0);
  }

  private <T> List<List<Prediction>> many(List<T> images, Function<T, float[]> reader, int top) {
    Prediction.requireTop(top);
    List<List<Prediction>> predictions = new ArrayList<>();
    for (int first = 0; first < images.size(); first += READ_AT_ONCE) {
      List<T> some = images.subList(first, Math.min(first + READ_AT_ONCE, images.size()));
      List<float[]> read = batchParts.map(some, reader);
      FloatBuffer joined = FloatBuffer.allocate(read.size() * spec.image().values());
      read.forEach(joined::put);
      predictions.addAll(
          Prediction.ranked(probabilities(joined.array(), read.size()), labels, top));
    }
    return predictions;
  }

  /**
   * The probabilities of all classes for a batch of images.
   *
   * @param images [count, height, width, channels] in [0, 1], of the model's image size
   * @return [count, classes], image by image
   * @throws IllegalArgumentException if the number of values is not count times that of an image
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
   * @throws IllegalArgumentException if the number of values is not count times that of an image
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

  /**
   * The features of an image of any size in a stream, which stays open.
   *
   * @throws InvalidInputException if the stream holds no image
   */
  public float[] features(InputStream stream) {
    return features(input.of(stream), 1);
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
    int count = values.length / spec.image().values();
    float[] features = features(values, count);
    return IntStream.range(0, count)
        .mapToObj(
            i -> Arrays.copyOfRange(features, i * spec.embedding(), (i + 1) * spec.embedding()))
        .toList();
  }

  private float[] run(MicroBatcher.Model model, float[] images, int count) {
    // Before the images join others in a batch.
    if (count < 1 || (long) count * spec.image().values() != images.length) {
      throw new IllegalArgumentException(
          images.length + " values are not " + count + " images of " + spec.image());
    }
    return calls.answer(() -> model.run(images, count));
  }

  /**
   * Classifies the test split of a dataset, resized to the model's image size, and compares the
   * answers with its labels. Its classes are those of the model that have the same names, in
   * whatever order ({@link ClassNames}); it need not have all of them. Images are read as they are
   * needed: memory does not grow with their number.
   *
   * @throws OtherClassesException if one of its classes is none of the model's; {@link
   *     Dataset#withClassNames} gives it other names
   * @throws InvalidInputException if there is no image to test on, a label is that of no class, an
   *     image cannot be read, or the model gives numbers that are not finite
   */
  public Evaluation evaluate(Dataset dataset) {
    return evaluate(dataset, done -> {});
  }

  /**
   * As {@link #evaluate(Dataset)}; after every batch {@code progress} gets the images done so far.
   *
   * @throws OtherClassesException as {@link #evaluate(Dataset)} does
   * @throws InvalidInputException as {@link #evaluate(Dataset)} does
   */
  public Evaluation evaluate(Dataset dataset, IntConsumer progress) {
    return DatasetEvaluation.of(this, dataset, progress);
  }

  /** Frees the model: running calls are answered, later ones are refused. */
  @Override
  public void close() {
    if (calls.close()) {
      graph.close();
    }
  }
}
