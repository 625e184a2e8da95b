package dev.mlit.data.published;

import dev.mlit.data.Dataset;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.advice.Message;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/**
 * <a href="https://github.com/zalandoresearch/fashion-mnist">Fashion-MNIST</a>: gray images of
 * clothes, 28x28 pixels, in ten classes; by Zalando SE, under the MIT licence.
 *
 * @since 0.1.0
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

  private static final String NAME = "fashion-mnist";

  static final Message HOW_TO_GET =
      advice ->
          DataDirectory.howToGet(NAME).text(advice)
              + ", \"apt-get install dataset-fashion-mnist\" installs it on Debian; or name the"
              + " folder of its four files in data.directory";

  private FashionMnist() {}

  /**
   * {@code fashion-small}, the part that comes with mlit: 10,000 images to train on and 2,000 to
   * test on, drawn evenly from the classes and from the same part of the whole.
   */
  public static Dataset small() {
    String name = "fashion-small";
    return Mnist.read(
        name,
        LABELS,
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
    return Mnist.read(NAME, LABELS, directory);
  }

  private static InputStream resource(String name) {
    InputStream in = FashionMnist.class.getResourceAsStream(name);
    if (in == null) {
      throw new IllegalStateException("resource " + name + " is missing from mlit's jar");
    }
    return in;
  }
}
