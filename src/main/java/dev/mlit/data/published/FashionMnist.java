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
  private static final String SMALL = "fashion-small";

  static final Message HOW_TO_GET =
      advice ->
          DataDirectory.howToGet(NAME).text(advice)
              + ", \"apt-get install dataset-fashion-mnist\" installs it on Debian; or name the"
              + " folder of its four files in data.directory";

  private FashionMnist() {}

  /**
   * {@code fashion-small}, the part that needs no download: 10,000 images to train on and 2,000 to
   * test on, drawn evenly from the classes and from the same part of the whole. Its images are an
   * artifact of their own, {@code dev.mlit:mlit-datasets}.
   *
   * @throws InvalidInputException if that artifact is not on the class path
   */
  public static Dataset small() {
    return Mnist.read(
        SMALL,
        LABELS,
        file -> IdxReader.images(SMALL + "/" + file, resource(SMALL + "/" + file + ".gz")),
        file -> IdxReader.labels(SMALL + "/" + file, resource(SMALL + "/" + file + ".gz")));
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
    // By the class loader: on a module path the images are in a module of their own.
    String path = FashionMnist.class.getPackageName().replace('.', '/') + "/" + name;
    InputStream in = FashionMnist.class.getClassLoader().getResourceAsStream(path);
    if (in == null) {
      throw new InvalidInputException(
          SMALL
              + ": its images are not on the class path; add dev.mlit:mlit-datasets, of the same"
              + " version as mlit");
    }
    return in;
  }
}
