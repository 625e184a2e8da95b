package dev.mlit.data;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.Printable;
import java.util.List;
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
      if (!Printable.is(label)) {
        throw new InvalidInputException(
            dataset + ": label \"" + Printable.line(label) + "\" must be one line of plain text");
      }
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
      int label = split.label(i);
      if (label < 0 || label >= classes) {
        throw new InvalidInputException(
            "dataset "
                + dataset.name()
                + ": label "
                + label
                + " of "
                + part
                + " image "
                + i
                + " must be from 0 to "
                + (classes - 1)
                + ", as there are "
                + classes
                + " classes");
      }
    }
  }
}
