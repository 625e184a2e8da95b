package dev.mlit.data;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.Suggestions;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The datasets that have a name. */
public final class Datasets {
  static final Path DEBIAN = Path.of("/usr/share/datasets/fashion-mnist");

  private static final List<Known> KNOWN =
      List.of(
          new Known(
              "fashion-small",
              "10,000 + 2,000 images of Fashion-MNIST, gray 28x28, 10 classes; comes with mlit",
              Datasets::fashionSmall),
          new Known(
              "fashion-mnist",
              "60,000 + 10,000 images of clothes, gray 28x28, 10 classes; Zalando SE, MIT licence",
              Datasets::fashionMnist));

  private Datasets() {}

  /** The names, in the order in which a list should show them. */
  public static List<String> names() {
    return KNOWN.stream().map(Known::name).toList();
  }

  /**
   * What a dataset is, in one line.
   *
   * @throws InvalidInputException if no dataset has that name
   */
  public static String describe(String name) {
    return named(name).description();
  }

  /**
   * Reads a dataset from where it usually is; see {@link #open(String, Path)}.
   *
   * @throws InvalidInputException if no dataset has that name, or its files are missing or damaged
   */
  public static Dataset open(String name) {
    return open(name, null);
  }

  /**
   * Reads a dataset.
   *
   * @param name one of {@link #names}
   * @param directory holds its files; if null, they are searched in {@code $MLIT_DATA/NAME}, {@code
   *     data/NAME} and where Debian's package {@code dataset-fashion-mnist} puts them. Must be null
   *     for {@code fashion-small}, which comes with mlit.
   * @throws InvalidInputException if no dataset has that name, or its files are missing or damaged
   */
  public static Dataset open(String name, @Nullable Path directory) {
    return open(name, directory, System.getenv("MLIT_DATA"));
  }

  static Dataset open(String name, @Nullable Path directory, @Nullable String data) {
    return named(name).reader().read(directory, data);
  }

  private static Dataset fashionSmall(@Nullable Path directory, @Nullable String data) {
    if (directory != null) {
      throw new InvalidInputException(
          "data.directory: "
              + directory
              + " must be left out, fashion-small comes with mlit;"
              + " fashion-mnist is what is read from a directory");
    }
    return FashionMnist.small();
  }

  private static Dataset fashionMnist(@Nullable Path directory, @Nullable String data) {
    return FashionMnist.read(
        DataDirectory.find("fashion-mnist", directory, data, DEBIAN, FashionMnist.HOW_TO_GET));
  }

  private static Known named(String name) {
    return KNOWN.stream()
        .filter(known -> known.name().equals(name))
        .findFirst()
        .orElseThrow(() -> unknown(name));
  }

  private static InvalidInputException unknown(String name) {
    String nearest = Suggestions.nearest(name, names());
    return new InvalidInputException(
        name
            + ": unknown dataset; "
            + (nearest == null ? "" : "did you mean " + nearest + "? ")
            + "Known: "
            + String.join(", ", names()));
  }

  private record Known(String name, String description, Reader reader) {}

  /** Reads a dataset, given what the user named and the value of MLIT_DATA. */
  private interface Reader {
    Dataset read(@Nullable Path directory, @Nullable String data);
  }
}
