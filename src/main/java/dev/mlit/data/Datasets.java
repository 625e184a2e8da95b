package dev.mlit.data;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.Suggestions;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
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
              Datasets::fashionMnist),
          new Known(
              "mnist",
              "60,000 + 10,000 images of handwritten digits, gray 28x28, 10 classes",
              files("mnist", (path, options) -> Mnist.read(path))),
          new Known(
              "cifar10",
              "50,000 + 10,000 photos, RGB 32x32, 10 classes",
              files("cifar10", (path, options) -> Cifar.ten(path))),
          new Known(
              "cifar100",
              "50,000 + 10,000 photos, RGB 32x32, 100 classes",
              files("cifar100", (path, options) -> Cifar.hundred(path))),
          new Known(
              "cifar100-coarse",
              "the images of cifar100 in 20 coarse classes",
              (given, data, options) ->
                  Cifar.coarse(DataDirectory.findAny("cifar100", given, data))),
          new Known(
              "svhn",
              "73,257 + 26,032 photos of house numbers' digits, RGB 32x32, 10 classes",
              files("svhn", (path, options) -> Svhn.read(path))),
          new Known(
              "svhn-extra",
              "svhn with 531,131 more images to train on",
              (given, data, options) -> Svhn.withExtra(DataDirectory.findAny("svhn", given, data))),
          new Known(
              "flowers102",
              "1,020 + 6,149 photos of flowers, RGB of many sizes, 102 classes",
              files("flowers102", Flowers102::read)),
          new Known(
              "flowers102-trainval",
              "flowers102 with its validation part to train on too, 2,040 + 6,149 photos",
              (given, data, options) ->
                  Flowers102.withValidation(
                      DataDirectory.findAny("flowers102", given, data), options)),
          new Known(
              "tiny-imagenet",
              "100,000 + 10,000 photos, RGB 64x64, 200 classes",
              files("tiny-imagenet", TinyImageNet::read)),
          new Known(
              "eurosat",
              "27,000 satellite images, RGB 64x64, 10 classes; a fraction is kept for the test",
              files("eurosat", (path, options) -> ImageFolder.read("eurosat", path, options))),
          new Known(
              "image-folder",
              "your own images: train/CLASS/*.jpg and test/CLASS/*.jpg, or CLASS/*.jpg",
              Datasets::imageFolder));

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
   * @param directory holds its files, or is the archive that holds them; if null, they are searched
   *     in {@code $MLIT_DATA/NAME}, {@code data/NAME} and where Debian's package {@code
   *     dataset-fashion-mnist} puts them. Must be null for {@code fashion-small}, which comes with
   *     mlit, and given for {@code image-folder}.
   * @throws InvalidInputException if no dataset has that name, or its files are missing or damaged
   */
  public static Dataset open(String name, @Nullable Path directory) {
    return open(name, directory, ReadOptions.DEFAULT);
  }

  /**
   * Reads a dataset.
   *
   * @param directory as for {@link #open(String, Path)}
   * @throws InvalidInputException if no dataset has that name, or its files are missing or damaged
   */
  public static Dataset open(String name, @Nullable Path directory, ReadOptions options) {
    return open(name, directory, options, System.getenv("MLIT_DATA"));
  }

  static Dataset open(
      String name, @Nullable Path directory, ReadOptions options, @Nullable String data) {
    return named(name).reader().read(directory, data, options);
  }

  /** A reader of what lies in the folder with the dataset's name, or where the user says. */
  private static Reader files(String name, BiFunction<Path, ReadOptions, Dataset> reader) {
    return (given, data, options) ->
        reader.apply(DataDirectory.findAny(name, given, data), options);
  }

  private static Dataset imageFolder(
      @Nullable Path directory, @Nullable String data, ReadOptions options) {
    if (directory == null) {
      throw new InvalidInputException(
          "data.directory: must name the folder or archive of an image-folder");
    }
    return ImageFolder.read("image-folder", directory, options);
  }

  private static Dataset fashionSmall(
      @Nullable Path directory, @Nullable String data, ReadOptions options) {
    if (directory != null) {
      throw new InvalidInputException(
          "data.directory: "
              + directory
              + " must be left out, fashion-small comes with mlit;"
              + " fashion-mnist is what is read from a directory");
    }
    return FashionMnist.small();
  }

  private static Dataset fashionMnist(
      @Nullable Path directory, @Nullable String data, ReadOptions options) {
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
    Dataset read(@Nullable Path directory, @Nullable String data, ReadOptions options);
  }
}
