package dev.mlit.data;

import dev.mlit.spec.ImageShape;
import java.util.List;

/** A dataset whose parts are there already. */
record SimpleDataset(String name, List<String> labels, ImageShape shape, Split train, Split test)
    implements Dataset {
  SimpleDataset {
    labels = List.copyOf(labels);
    if (labels.isEmpty()) {
      throw new IllegalArgumentException(name + ": 0 labels, must be at least 1");
    }
  }

  @Override
  public String toString() {
    return String.format(
        "%s (%d + %d images of %s, %d classes)",
        name, train.size(), test.size(), shape, labels.size());
  }
}
