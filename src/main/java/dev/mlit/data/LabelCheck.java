package dev.mlit.data;

import dev.mlit.spec.InvalidInputException;

/** Checks that the labels of images are those of classes. */
public final class LabelCheck {
  private LabelCheck() {}

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
