package dev.mlit.data;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * <a href="https://github.com/zalandoresearch/fashion-mnist">Fashion-MNIST</a>: gray images of
 * clothes, 28x28 pixels, in ten classes; by Zalando SE, under the MIT licence.
 */
public final class FashionMnist {
  /** The names of the ten classes, in the order of their labels. */
  public static final List<String> LABELS =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");

  static final String HOW_TO_GET =
      "install it with \"apt-get install dataset-fashion-mnist\", or download its four files from"
          + " https://github.com/zalandoresearch/fashion-mnist and name their folder in"
          + " data.directory";

  static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
  static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
  static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
  static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

  private static final ImageShape SHAPE = new ImageShape(28, 28, 1);

  private FashionMnist() {}

  /**
   * {@code fashion-small}, the part that comes with mlit: 10,000 images to train on and 2,000 to
   * test on, drawn evenly from the classes and from the same part of the whole.
   */
  public static Dataset small() {
    String name = "fashion-small";
    return read(
        name,
        file -> IdxReader.images(name + "/" + file, resource(name + "/" + file + ".gz")),
        file -> IdxReader.labels(name + "/" + file, resource(name + "/" + file + ".gz")));
  }

  /**
   * {@code fashion-mnist}, all of it: 60,000 images to train on and 10,000 to test on.
   *
   * @param directory holds the four files as they are published, with or without {@code .gz}
   * @throws InvalidInputException if a file is missing or is not what it should be
   */
  public static Dataset read(Path directory) {
    return read(
        "fashion-mnist",
        file -> IdxReader.images(locate(directory, file)),
        file -> IdxReader.labels(locate(directory, file)));
  }

  private static Dataset read(
      String name, Function<String, Idx> images, Function<String, Idx> labels) {
    return new SimpleDataset(
        name,
        LABELS,
        SHAPE,
        split(images.apply(TRAIN_IMAGES), labels.apply(TRAIN_LABELS)),
        split(images.apply(TEST_IMAGES), labels.apply(TEST_LABELS)));
  }

  private static Split split(Idx images, Idx labels) {
    if (!images.imageShape().equals(SHAPE)) {
      throw new InvalidInputException(
          images.name() + ": images of " + images.imageShape() + ", must be " + SHAPE);
    }
    return images.labelled(labels, LABELS.size());
  }

  private static Path locate(Path directory, String file) {
    return DataDirectory.file(directory, file, HOW_TO_GET);
  }

  private static InputStream resource(String name) {
    InputStream in = FashionMnist.class.getResourceAsStream(name);
    if (in == null) {
      throw new IllegalStateException("resource " + name + " is missing from mlit's jar");
    }
    return in;
  }
}
