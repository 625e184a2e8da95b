package dev.mlit.savedmodel;

import dev.mlit.spec.InvalidInputException;
import java.util.List;
import java.util.Optional;

/**
 * What came of one of many images: its classes, or why it could not be read.
 *
 * @param name that of its {@link ImageSource}
 * @param predictions its best classes, the most probable first; empty if it could not be read
 * @param problem why it could not be read; its message names the image
 * @since 0.1.0
 */
public record ImageResult(
    String name, List<Prediction> predictions, Optional<InvalidInputException> problem) {

  /** Copies the list. */
  public ImageResult {
    predictions = List.copyOf(predictions);
  }

  static ImageResult of(String name, List<Prediction> predictions) {
    return new ImageResult(name, predictions, Optional.empty());
  }

  static ImageResult unreadable(String name, InvalidInputException problem) {
    return new ImageResult(name, List.of(), Optional.of(problem));
  }
}
