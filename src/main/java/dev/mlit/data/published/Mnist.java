package dev.mlit.data.published;

import dev.mlit.data.Dataset;
import dev.mlit.data.Split;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.advice.Message;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * <a href="http://yann.lecun.com/exdb/mnist">MNIST</a>, handwritten digits: 60,000 gray images to
 * train on and 10,000 to test on, 28x28 pixels, in ten classes. Others are published as it is,
 * {@link FashionMnist} among them.
 *
 * @since 0.1.0
 */
public final class Mnist {
  static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
  static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
  static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
  static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

  private static final List<String> DIGITS =
      List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
  private static final ImageShape SHAPE = new ImageShape(28, 28, 1);

  private Mnist() {}

  /**
   * MNIST.
   *
   * @param directory holds the four files as they are published, with or without {@code .gz}
   * @throws InvalidInputException if a file is missing or is not what it should be
   */
  public static Dataset read(Path directory) {
    return read("mnist", DIGITS, directory);
  }

  static Dataset read(String name, List<String> labels, Path directory) {
    Message howToGet = DataDirectory.howToGet(name, directory);
    return read(
        name,
        labels,
        file -> IdxReader.images(DataDirectory.file(directory, file, howToGet)),
        file -> IdxReader.labels(DataDirectory.file(directory, file, howToGet)));
  }

  static Dataset read(
      String name,
      List<String> labels,
      Function<String, Idx> images,
      Function<String, Idx> indices) {
    return Dataset.of(
        name,
        labels,
        SHAPE,
        split(images.apply(TRAIN_IMAGES), indices.apply(TRAIN_LABELS), labels.size()),
        split(images.apply(TEST_IMAGES), indices.apply(TEST_LABELS), labels.size()));
  }

  private static Split split(Idx images, Idx labels, int classes) {
    if (!images.imageShape().equals(SHAPE)) {
      throw new InvalidInputException(
          images.name() + ": images of " + images.imageShape() + ", must be " + SHAPE);
    }
    return images.labelled(labels, classes);
  }
}
