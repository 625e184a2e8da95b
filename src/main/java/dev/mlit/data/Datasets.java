package dev.mlit.data;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.RunSpec.NamedDataset;
import dev.mlit.spec.text.Suggestions;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * Opens datasets by name: those that come with mlit, and those of every {@link DatasetProvider}.
 *
 * @since 0.1.0
 */
public final class Datasets {
  private static final List<DatasetProvider> PROVIDERS =
      ServiceLoader.load(DatasetProvider.class, Datasets.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .toList();

  private Datasets() {}

  private static DatasetProvider provider(String name) {
    return PROVIDERS.stream()
        .filter(provider -> provider.names().contains(name))
        .findFirst()
        .orElseThrow(() -> unknown(name, names()));
  }

  /**
   * The exception for a name that no dataset has.
   *
   * @param names those that there are
   */
  public static InvalidInputException unknown(String name, List<String> names) {
    return new InvalidInputException(
        String.format(
            Locale.ROOT,
            "%s: unknown dataset; %sKnown: %s",
            name,
            Suggestions.didYouMean(name, names),
            String.join(", ", names)));
  }

  /** The names, in the order in which a list should show them. */
  public static List<String> names() {
    return PROVIDERS.stream().flatMap(provider -> provider.names().stream()).toList();
  }

  /**
   * What a dataset is, in one line.
   *
   * @throws InvalidInputException if no dataset has that name
   */
  public static String describe(String name) {
    return provider(name).describe(name);
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
    ReadOptions options =
        ReadOptions.DEFAULT.testFraction(data.testFraction()).exclude(data.exclude());
    if (name != null) {
      return open(name, files == null ? null : Path.of(files), options);
    }
    // All of them share the memory for decoded images.
    ReadOptions each = options.memory(options.memory() / data.datasets().size());
    return Dataset.join(data.datasets().stream().map(part -> open(part, each)).toList());
  }

  private static Dataset open(RunSpec.NamedDataset named, ReadOptions options) {
    String files = named.directory();
    Double testFraction = named.testFraction();
    Path directory = files == null ? null : Path.of(files);
    ReadOptions optionsOfPart = testFraction == null ? options : options.testFraction(testFraction);
    return directory != null && named.dataset().equals(NamedDataset.IMAGE_FOLDER)
        ? ImageFolder.read(named.title(), directory, optionsOfPart)
        : open(named.dataset(), directory, optionsOfPart);
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
    return provider(name).open(name, directory, options);
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
}
