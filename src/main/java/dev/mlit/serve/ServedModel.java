package dev.mlit.serve;

import dev.mlit.data.image.ImageFile;
import dev.mlit.model.Inspector;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.Tensors;
import dev.mlit.weights.WeightFiles;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.IntConsumer;

/** The model behind a server, as its protocols see it. Safe for use by many threads. */
final class ServedModel implements AutoCloseable {
  private final String name;
  private final Backend backend;
  private final Optional<Inspector> inspector;
  private final int batch;
  private final long maxPixels;

  /** An image takes many times its file while it is decoded: one a core at a time. */
  private final Semaphore decoding = new Semaphore(Runtime.getRuntime().availableProcessors());

  /**
   * A model to serve.
   *
   * @param backend computes; it is closed with this
   * @param inspector shows experts; empty for none
   */
  ServedModel(Backend backend, Optional<Inspector> inspector, ServerOptions options) {
    this.name = options.name().orElse(backend.spec().name());
    this.backend = backend;
    this.inspector = inspector;
    this.batch = options.batch();
    this.maxPixels = options.maxPixels();
  }

  /**
   * Loads a SavedModel.
   *
   * @param batches gets the number of images of every batch that went through the model
   * @throws InvalidInputException if the directory is no SavedModel of mlit
   */
  static ServedModel load(Path directory, ServerOptions options, IntConsumer batches) {
    Classifier classifier =
        Classifier.load(
            directory, o -> o.batch(options.batch()).maxWait(options.maxWait()).onBatch(batches));
    try {
      ModelSpec spec = classifier.spec();
      Optional<Inspector> inspector =
          options.page()
              ? Optional.of(new Inspector(spec, WeightFiles.read(directory)))
              : Optional.empty();
      return new ServedModel(Backend.of(classifier), inspector, options);
    } catch (RuntimeException e) {
      classifier.close();
      throw e;
    }
  }

  String name() {
    return name;
  }

  ModelSpec spec() {
    return backend.spec();
  }

  List<String> labels() {
    return backend.labels();
  }

  /** Some outputs for some images, [count, width] each. */
  Map<Output, float[]> run(ImageTensor images, Collection<Output> outputs) {
    Map<Output, float[]> values = new EnumMap<>(Output.class);
    if (outputs.contains(Output.LOGITS) || outputs.contains(Output.PROBABILITIES)) {
      // Probabilities follow from the logits: calls that ask for either share their batches.
      float[] logits = inParts(images, spec().classes(), backend::logits);
      values.put(Output.LOGITS, logits);
      values.put(Output.PROBABILITIES, Softmax.of(logits, spec().classes()));
    }
    if (outputs.contains(Output.FEATURES)) {
      values.put(Output.FEATURES, inParts(images, spec().embedding(), backend::features));
    }
    values.keySet().retainAll(outputs);
    return values;
  }

  /** Computes values of images. */
  @FunctionalInterface
  private interface Values {
    float[] of(float[] images, int count);
  }

  /** A batch's worth at a time: what a call takes in memory does not grow with its images. */
  private float[] inParts(ImageTensor images, int width, Values model) {
    if (images.count() <= batch) {
      return model.of(images.values(), images.count());
    }
    int each = spec().image().values();
    float[] all = new float[images.count() * width];
    for (int first = 0; first < images.count(); first += batch) {
      int count = Math.min(batch, images.count() - first);
      float[] part = Arrays.copyOfRange(images.values(), first * each, (first + count) * each);
      System.arraycopy(model.of(part, count), 0, all, first * width, count * width);
    }
    return all;
  }

  /**
   * The pixels of an image file, of the model's size.
   *
   * @throws InvalidInputException if it is no image that can be read
   */
  byte[] pixels(byte[] file) {
    decoding.acquireUninterruptibly();
    try {
      ImageShape shape = spec().image();
      BufferedImage image =
          ImageFile.decode("image", new ByteArrayInputStream(file), maxPixels, shape.orientation());
      return ImageFile.pixels(image, shape);
    } catch (OutOfMemoryError e) {
      throw ImageFile.tooLittleMemory("image");
    } finally {
      decoding.release();
    }
  }

  /** The probabilities of all classes for the pixels of an image. */
  float[] probabilities(byte[] pixels) {
    return Softmax.of(backend.logits(Tensors.floats(pixels), 1), spec().classes());
  }

  /** Whether {@link #experts} can be asked for. */
  boolean showsExperts() {
    return inspector.isPresent();
  }

  /** For every block the expert that each patch of an image went to. */
  List<int[]> experts(byte[] pixels) {
    return inspector.orElseThrow().look(pixels, 1).experts().stream()
        // The class token comes first, and lies nowhere in the image.
        .map(tokens -> Arrays.copyOfRange(tokens, tokens.length - spec().patches(), tokens.length))
        .toList();
  }

  @Override
  public void close() {
    backend.close();
    inspector.ifPresent(Inspector::close);
  }
}
