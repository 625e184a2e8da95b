package dev.mlit.savedmodel;

import dev.mlit.files.ModelLayout;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.Specs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Classifies any number of images, which are read ahead while others are computed.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class ManyImages {
  /** Images that are computed together: always the same ones, so that answers repeat bit by bit. */
  static final int BATCH = 64;

  private ManyImages() {}

  /**
   * Loads a model and classifies images, the first of which are read while it loads.
   *
   * @param results gets the answers, in the order of the images
   * @throws InvalidInputException if the model cannot be loaded
   */
  public static void classify(
      Path model, Iterator<ImageSource> images, int top, Consumer<ImageResult> results) {
    Prediction.requireTop(top);
    if (!Files.isRegularFile(model.resolve(ModelLayout.SPEC))) {
      // A zip, or no model.
      try (Classifier classifier = Classifier.load(model)) {
        classifier.classifyAll(() -> images, top, results);
      }
      return;
    }
    ClassifierOptions options = new ClassifierOptions();
    try (ReadAhead ahead =
            options.reading(
                Specs.model(model.resolve(ModelLayout.SPEC).toString()).image(), images);
        Classifier classifier = Classifier.load(model)) {
      classify(classifier, ahead, top, results);
    }
  }

  /** Classifies images that are read ahead. */
  static void classify(
      Classifier classifier, ReadAhead images, int top, Consumer<? super ImageResult> results) {
    List<ReadAhead.Image> some = images.next(BATCH);
    while (!some.isEmpty()) {
      List<byte[]> readable =
          some.stream().flatMap(image -> Stream.ofNullable(image.pixels())).toList();
      Iterator<List<Prediction>> predictions = classifier.ranked(readable, top).iterator();
      for (ReadAhead.Image image : some) {
        results.accept(
            image
                .problem()
                .map(problem -> ImageResult.unreadable(image.name(), problem))
                .orElseGet(() -> ImageResult.of(image.name(), predictions.next())));
      }
      some = images.next(BATCH);
    }
  }
}
