package dev.mlit.savedmodel;

import dev.mlit.data.ClassNames;
import dev.mlit.data.Dataset;
import dev.mlit.data.image.ImageFile;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.Tensors;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
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
public final class Classifier extends ModelOutputs {
  private final ModelSpec spec;
  private final List<String> labels;
  private final ClassifierOptions options;

  private Classifier(LoadedModel model, ClassifierOptions options) {
    super(model, options);
    this.spec = model.spec();
    this.labels = model.labels();
    this.options = options;
  }

  /**
   * Loads a SavedModel; each call is answered by itself.
   *
   * @param model a directory of any file system, or a zip of one
   * @throws InvalidInputException with everything that is wrong, if it is no SavedModel of mlit, is
   *     damaged, or its spec.yaml or labels.txt is not of this model
   */
  public static Classifier load(Path model) {
    return load(model, options -> {});
  }

  /**
   * As {@link #load(Path)}.
   *
   * @param settings say how calls are answered, such as {@code options ->
   *     options.batch(16).maxWait(Duration.ofMillis(2))}
   */
  public static Classifier load(Path model, Consumer<ClassifierOptions> settings) {
    ClassifierOptions options = ClassifierOptions.of(settings);
    return ModelFiles.load(model, directory -> of(directory, options));
  }

  /**
   * As {@link #load(Path, Consumer)}, from the class path, such as that of a service's jar.
   *
   * @param directory of the model's files, such as {@code models/clothes}
   */
  public static Classifier loadResource(
      ClassLoader classes, String directory, Consumer<ClassifierOptions> settings) {
    ClassifierOptions options = ClassifierOptions.of(settings);
    return ModelFiles.load(classes, directory, copy -> of(copy, options));
  }

  private static Classifier of(Path directory, ClassifierOptions options) {
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

  /** As {@link #classify(Path)}, with at most {@code top} classes, which must be at least 1. */
  public List<Prediction> classify(Path file, int top) {
    return one(input.of(file), top);
  }

  /**
   * Classifies an image of any size in a stream, which stays open: PNG, JPEG, BMP, a still WebP, or
   * the first image of a GIF or TIFF.
   *
   * @return all classes, the most probable first
   * @throws InvalidInputException if the stream holds no image
   */
  public List<Prediction> classify(InputStream stream) {
    return classify(stream, spec.classes());
  }

  /** As {@link #classify(InputStream)}, with at most {@code top} classes. */
  public List<Prediction> classify(InputStream stream, int top) {
    return one(input.of(stream), top);
  }

  /**
   * Classifies an image of any size: the bytes of an image file.
   *
   * @return all classes, the most probable first
   * @throws InvalidInputException if they are no image
   */
  public List<Prediction> classify(byte[] bytes) {
    return classify(bytes, spec.classes());
  }

  /** As {@link #classify(byte[])}, with at most {@code top} classes. */
  public List<Prediction> classify(byte[] bytes, int top) {
    return classify(new ByteArrayInputStream(bytes), top);
  }

  /** Classifies an image of any size: all classes, the most probable first. */
  public List<Prediction> classify(BufferedImage image) {
    return classify(image, spec.classes());
  }

  /** As {@link #classify(BufferedImage)}, with at most {@code top} classes. */
  public List<Prediction> classify(BufferedImage image, int top) {
    return one(input.of(image), top);
  }

  private List<Prediction> one(float[] image, int top) {
    return Prediction.ranked(probabilities(image, 1), labels, top).get(0);
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
   * @throws InvalidInputException if one of them is no image; {@link #classifyAll} answers the
   *     others all the same
   */
  public List<List<Prediction>> classifyFiles(List<Path> files, int top) {
    List<List<Prediction>> predictions = new ArrayList<>();
    classifyAll(
        files.stream().map(ImageSource::of).toList(),
        top,
        image -> {
          if (image.problem().isPresent()) {
            throw image.problem().get();
          }
          predictions.add(image.predictions());
        });
    return predictions;
  }

  /**
   * Classifies images of any size, many at a time.
   *
   * @param top how many classes of each image, the most probable first; all if there are fewer
   */
  public List<List<Prediction>> classifyImages(List<BufferedImage> images, int top) {
    Prediction.requireTop(top);
    List<List<Prediction>> predictions = new ArrayList<>();
    for (int first = 0; first < images.size(); first += ManyImages.BATCH) {
      int end = Math.min(first + ManyImages.BATCH, images.size());
      predictions.addAll(
          ranked(options.batchParts().map(images.subList(first, end), input::pixels), top));
    }
    return predictions;
  }

  /**
   * Classifies images of any size, many at a time. One that cannot be read has its problem in its
   * result, and the others their answers.
   *
   * @param top how many classes of each image, the most probable first; all if there are fewer
   * @return a result for every image, in their order
   */
  public List<ImageResult> classifyAll(List<ImageSource> images, int top) {
    List<ImageResult> results = new ArrayList<>();
    classifyAll(images, top, results::add);
    return results;
  }

  /**
   * As {@link #classifyAll(List, int)}, of any number of images: they are read ahead on other
   * threads, at most some thousands of them and 64 MiB of pixels, while others are computed.
   *
   * @param images asked for on the calling thread
   * @param results gets a result for every image, in their order, on the calling thread; an
   *     exception that it throws ends the call
   */
  public void classifyAll(
      Iterable<ImageSource> images, int top, Consumer<? super ImageResult> results) {
    Prediction.requireTop(top);
    try (ReadAhead ahead = options.reading(spec.image(), images.iterator())) {
      ManyImages.classify(this, ahead, top, results);
    }
  }

  /** The best classes of some of many images, of the model's size. */
  List<List<Prediction>> ranked(List<byte[]> images, int top) {
    if (images.isEmpty()) {
      return List.of();
    }
    FloatBuffer joined = FloatBuffer.allocate(images.size() * spec.image().values());
    images.forEach(image -> joined.put(Tensors.floats(image)));
    return Prediction.ranked(probabilitiesOfMany(joined.array(), images.size()), labels, top);
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
}
