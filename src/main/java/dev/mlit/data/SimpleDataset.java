package dev.mlit.data;

import dev.mlit.spec.ImageShape;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A dataset whose parts are there already. */
record SimpleDataset(
    String name,
    List<String> labels,
    ImageShape shape,
    Split train,
    Optional<Split> validation,
    Split test)
    implements Dataset {
  SimpleDataset {
    labels = List.copyOf(labels);
    if (labels.isEmpty()) {
      throw new IllegalArgumentException(name + ": 0 labels, must be at least 1");
    }
    LabelCheck.requireNames(name, labels);
  }

  @Override
  public String toString() {
    return describe(this);
  }

  /** Such as {@code stamps (900 + 100 + 200 images of 32x32x3, 2 classes)}. */
  static String describe(Dataset data) {
    String validation = data.validation().map(part -> part.size() + " + ").orElse("");
    return String.format(
        Locale.ROOT,
        "%s (%d + %s%d images of %s, %d classes)",
        data.name(),
        data.train().size(),
        validation,
        data.test().size(),
        data.shape(),
        data.labels().size());
  }
}
