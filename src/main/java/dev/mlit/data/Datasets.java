package dev.mlit.data;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The datasets that have a name. */
public final class Datasets {
  static final Path DEBIAN = Path.of("/usr/share/datasets/fashion-mnist");

  private static final String IMAGE_FOLDER = "image-folder";

  private static final List<Known> KNOWN =
      List.of(
          new Known("fashion-small", Datasets::fashionSmall),
          new Known("fashion-mnist", Datasets::fashionMnist),
          files("mnist", (path, options) -> Mnist.read(path)),
          files("cifar10", (path, options) -> Cifar.ten(path)),
          files("cifar100", (path, options) -> Cifar.hundred(path)),
          files("cifar100-coarse", (path, options) -> Cifar.coarse(path)),
          files("svhn", (path, options) -> Svhn.read(path)),
          files("svhn-extra", (path, options) -> Svhn.withExtra(path)),
          files("flowers102", Flowers102::read),
          files("flowers102-trainval", Flowers102::withValidation),
          files("tiny-imagenet", TinyImageNet::read),
          files("eurosat", (path, options) -> ImageFolder.read("eurosat", path, options)),
          new Known(IMAGE_FOLDER, Datasets::imageFolder));

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
    return Catalogue.named(name).description();
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
   * Reads the dataset that a run names, or several and joins them; see {@link Dataset#join}. One of
   * several that is an {@code image-folder} is called by the name of its folder or archive.
   *
   * @throws InvalidInputException if no dataset has that name, or its files are missing or damaged
   */
  public static Dataset open(RunSpec.Data data) {
    String name = data.dataset();
    String files = data.directory();
    ReadOptions options = ReadOptions.DEFAULT.testFraction(data.testFraction());
    if (name != null) {
      return open(name, files == null ? null : Path.of(files), options);
    }
    // What is kept in memory, all of them share.
    ReadOptions each = options.memory(options.memory() / data.datasets().size());
    return Dataset.join(data.datasets().stream().map(part -> open(part, each)).toList());
  }

  private static Dataset open(RunSpec.NamedDataset named, ReadOptions options) {
    String files = named.directory();
    Double testFraction = named.testFraction();
    Path directory = files == null ? null : Path.of(files);
    ReadOptions own = testFraction == null ? options : options.testFraction(testFraction);
    return directory != null && named.dataset().equals(IMAGE_FOLDER)
        ? ImageFolder.read(named.title(), directory, own)
        : open(named.dataset(), directory, own);
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
    return reader(name).read(directory, data, options);
  }

  /**
   * The parts of a dataset as a run trains on them: validation images cut off as {@code
   * data.validation-fraction} says, and of the rest the share of {@code data.label-fraction}, both
   * drawn by {@code training.seed}.
   *
   * @throws InvalidInputException if a part is to be cut off and the dataset has one of its own, or
   *     no class has two images to train on
   */
  public static Dataset parts(RunSpec run, Dataset data) {
    double validation = run.data().validationFraction();
    double labels = run.data().labelFraction();
    long seed = run.training().seed();
    Dataset parts = validation == 0 ? data : withValidation(data, validation, seed);
    return labels == 1 ? parts : parts.withLabels(labels, seed);
  }

  private static Dataset withValidation(Dataset data, double fraction, long seed) {
    if (data.parts().stream().allMatch(part -> part.validation().isPresent())) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "data.validation-fraction: %s must be left out, as dataset %s has a validation part"
                  + " of %,d images already",
              fraction,
              data.name(),
              data.validation().map(Split::size).orElse(0)));
    }
    try {
      return data.withValidation(fraction, seed);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException("data.validation-fraction: " + e.getMessage(), e);
    }
  }

  /** A dataset that lies in the folder that the catalogue says, or where the user says. */
  private static Known files(String name, BiFunction<Path, ReadOptions, Dataset> reader) {
    String folder = Catalogue.named(name).directory();
    return new Known(
        name,
        (given, data, options) ->
            reader.apply(DataDirectory.findAny(name, folder, given, data), options));
  }

  private static Dataset imageFolder(
      @Nullable Path directory, @Nullable String data, ReadOptions options) {
    if (directory == null) {
      throw new InvalidInputException(
          "data.directory: must name the folder or archive of an image-folder");
    }
    return ImageFolder.read(IMAGE_FOLDER, directory, options);
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

  private static Reader reader(String name) {
    String known = Catalogue.named(name).name();
    return KNOWN.stream()
        .filter(dataset -> dataset.name().equals(known))
        .findFirst()
        .orElseThrow()
        .reader();
  }

  private record Known(String name, Reader reader) {}

  /** Reads a dataset, given what the user named and the value of MLIT_DATA. */
  private interface Reader {
    Dataset read(@Nullable Path directory, @Nullable String data, ReadOptions options);
  }
}
