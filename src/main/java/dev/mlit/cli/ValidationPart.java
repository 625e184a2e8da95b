package dev.mlit.cli;

import dev.mlit.data.Dataset;
import dev.mlit.data.Split;
import dev.mlit.spec.ImageShape;
import java.util.List;
import java.util.Optional;

/**
 * A dataset whose validation part is its test part.
 *
 * @param data has a validation part
 */
record ValidationPart(Dataset data) implements Dataset {
  @Override
  public String name() {
    return data.name();
  }

  @Override
  public List<String> labels() {
    return data.labels();
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
    return Optional.empty();
  }

  @Override
  public Split test() {
    return data.validation().orElseThrow();
  }

  /** The part is resized with the others, so that an image file is decoded straight to the size. */
  @Override
  public Dataset resizedTo(ImageShape shape) {
    return new ValidationPart(data.resizedTo(shape));
  }
}
