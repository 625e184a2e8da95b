package dev.mlit.savedmodel;

import dev.mlit.data.Batch;
import dev.mlit.data.Batches;
import dev.mlit.data.Dataset;
import dev.mlit.files.Disk;
import dev.mlit.files.ModelLayout;
import dev.mlit.model.Painter;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import dev.mlit.weights.SavedModelDirectory;
import dev.mlit.weights.WeightFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * A SavedModel of a masked autoencoder, loaded to see how well it paints: what {@link Classifier}
 * is for a model with classes. It holds the weights as they were when it was loaded, in the graph
 * that its {@code spec.yaml} describes. Safe for use by many threads.
 *
 * <pre>{@code
 * try (Reconstructor model = Reconstructor.load(Path.of("savedmodels/mmlit-xxs-32-cifar100"))) {
 *   System.out.println(model.evaluate(dataset).hiddenError());
 * }
 * }</pre>
 *
 * @since 0.1.0
 */
public final class Reconstructor implements AutoCloseable {
  private static final int EVALUATION_BATCH = 250;

  private final ModelSpec spec;
  private final Painter painter;
  private final OpenCalls calls = new OpenCalls();

  private Reconstructor(ModelSpec spec, Painter painter) {
    this.spec = spec;
    this.painter = painter;
  }

  /**
   * Loads a SavedModel.
   *
   * @throws InvalidInputException with everything that is wrong, if the directory is no SavedModel
   *     of mlit, is damaged, holds a classifier, or its spec.yaml is not of this model
   */
  public static Reconstructor load(Path directory) {
    SavedModelDirectory.requireFiles(directory, ModelLayout.REQUIRED);
    if (!isAutoencoder(directory)) {
      throw new InvalidInputException(
          directory + ": a classifier, which paints nothing; load it with Classifier.load");
    }
    ModelSpec spec = Specs.model(directory.resolve(ModelLayout.SPEC).toString());
    return new Reconstructor(spec, new Painter(spec, WeightFiles.read(directory)));
  }

  /**
   * Whether a directory describes an autoencoder; false, too, if it is no SavedModel.
   *
   * @throws InvalidInputException if its spec.yaml is no description of a model, or it lies in a
   *     zip or the like
   */
  public static boolean isAutoencoder(Path directory) {
    Disk.requireOwnFiles(directory);
    Path description = directory.resolve(ModelLayout.SPEC);
    return Files.isRegularFile(description) && Specs.model(description.toString()).isAutoencoder();
  }

  /** The model's description. */
  public ModelSpec spec() {
    return spec;
  }

  /**
   * The errors of painted images, as mean squared errors: of normalised pixels, or with {@code
   * norm-pixels} of pixels that are normalised patch by patch.
   *
   * @param hiddenError of the patches that were hidden from it: the test loss of its training
   * @param visibleError of those that it saw
   * @param examples the number of images
   */
  public record Evaluation(double hiddenError, double visibleError, int examples) {}

  /**
   * Paints the test split of a dataset, resized to the model's image size. Which patches are hidden
   * depends on the index of an image in the split, as in the tests of a training.
   */
  public Evaluation evaluate(Dataset dataset) {
    return evaluate(dataset, done -> {});
  }

  /**
   * As {@link #evaluate(Dataset)}; {@code progress} gets the number of images that are done, after
   * every batch.
   */
  public Evaluation evaluate(Dataset dataset, IntConsumer progress) {
    Dataset fitted = dataset.resizedTo(spec.image());
    double hidden = 0;
    double visible = 0;
    int done = 0;
    for (Batch batch : Batches.inOrder(fitted.test(), fitted.shape(), EVALUATION_BATCH)) {
      int[] numbers = IntStream.range(done, done + batch.size()).toArray();
      Painter.Errors errors = calls.answer(() -> painter.errors(batch.pixels(), numbers));
      for (int i = 0; i < batch.size(); i++) {
        hidden += errors.hidden()[i];
        visible += errors.visible()[i];
      }
      done += batch.size();
      progress.accept(done);
    }
    return new Evaluation(hidden / done, visible / done, done);
  }

  /** Frees the model: running calls are answered, later ones are refused. */
  @Override
  public void close() {
    if (calls.close()) {
      painter.close();
    }
  }
}
