package dev.mlit.data;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.Printable;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Checks that the labels of images are those of classes, and what classes are called.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class LabelCheck {
  private LabelCheck() {}

  /**
   * Checks the names of a dataset's classes, which become lines of a file and are shown to people.
   *
   * @throws InvalidInputException if one is more than a line, or has control characters
   */
  public static void requireNames(String dataset, List<String> labels) {
    for (String label : labels) {
      if (!Printable.isLine(label)) {
        throw new InvalidInputException(
            dataset + ": label \"" + Printable.line(label) + "\" " + Printable.RULE);
      }
    }
  }

  /**
   * What is wrong with the label of an image; empty if it is one of the classes.
   *
   * @param part what messages call the part, such as {@code training}
   */
  public static Optional<String> problem(String part, Split split, int image, int classes) {
    int label = split.label(image);
    return label >= 0 && label < classes
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "label %d of %s image %d must be from 0 to %d, as there are %d classes",
                label,
                part,
                image,
                classes - 1,
                classes));
  }

  /**
   * Checks a label that a file has for an image.
   *
   * @throws InvalidInputException if it is the number of classes or above
   */
  public static void requireBelow(int classes, String file, int label, int image) {
    if (label >= classes) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: label %d of image %d must be below %d, the number of classes",
              file,
              label,
              image,
              classes));
    }
  }

  /**
   * Checks the label of every image of a part of a dataset; reads no pixels.
   *
   * @param part what messages call it, such as {@code training}
   * @throws InvalidInputException if a label is negative, or the number of classes or above: it
   *     names the first such image
   */
  public static void require(Dataset dataset, String part, Split split) {
    int classes = dataset.labels().size();
    for (int i = 0; i < split.size(); i++) {
      Optional<String> problem = problem(part, split, i, classes);
      if (problem.isPresent()) {
        throw new InvalidInputException("dataset " + dataset.name() + ": " + problem.get());
      }
    }
  }
}
