package dev.mlit.data;

import dev.mlit.spec.ImageShape;
import java.util.List;
import java.util.Optional;

/** A dataset whose classes have other names; see {@link Dataset#withClassNames}. */
record RenamedDataset(Dataset data, List<String> labels) implements Dataset {
  RenamedDataset {
    labels = List.copyOf(labels);
    if (labels.size() != data.labels().size()) {
      throw new IllegalArgumentException(
          labels.size()
              + " names, must be one for each of the "
              + data.labels().size()
              + " classes of "
              + data.name());
    }
  }

  @Override
  public String name() {
    return data.name();
  }

  @Override
  public ImageShape shape() {
    return data.shape();
  }

  @Override
  public Split train() {
    return data.train();
  }

  @Override
  public Optional<Split> validation() {
    return data.validation();
  }

  @Override
  public Split test() {
    return data.test();
  }

  @Override
  public Dataset resizedTo(ImageShape shape) {
    return shape.equals(shape()) ? this : new RenamedDataset(data.resizedTo(shape), labels);
  }

  @Override
  public String toString() {
    return SimpleDataset.describe(this);
  }
}
