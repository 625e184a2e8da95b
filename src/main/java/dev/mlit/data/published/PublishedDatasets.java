package dev.mlit.data.published;

import dev.mlit.data.Dataset;
import dev.mlit.data.DatasetProvider;
import dev.mlit.data.ImageFolder;
import dev.mlit.data.ReadOptions;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec.NamedDataset;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The datasets that come with mlit: published ones, and folders of images.
 *
 * @since 0.1.0
 */
public final class PublishedDatasets implements DatasetProvider {
  static final Path DEBIAN = Path.of("/usr/share/datasets/fashion-mnist");

  private static final List<Known> KNOWN =
      List.of(
          new Known("fashion-small", PublishedDatasets::fashionSmall),
          new Known("fashion-mnist", PublishedDatasets::fashionMnist),
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
          new Known(NamedDataset.IMAGE_FOLDER, PublishedDatasets::imageFolder));

  @Override
  public List<String> names() {
    return KNOWN.stream().map(Known::name).toList();
  }

  @Override
  public String describe(String name) {
    return Catalogue.named(name).description();
  }

  @Override
  public Dataset open(String name, @Nullable Path directory, ReadOptions options) {
    return open(name, directory, options, System.getenv("MLIT_DATA"));
  }

  /** As above, with the value of MLIT_DATA. */
  static Dataset open(
      String name, @Nullable Path directory, ReadOptions options, @Nullable String data) {
    return reader(name).read(directory, data, options);
  }

  /** A dataset in the folder that the catalogue names, or in the place that the user names. */
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
    return ImageFolder.read(NamedDataset.IMAGE_FOLDER, directory, options);
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
    return KNOWN.stream()
        .filter(dataset -> dataset.name().equals(name))
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
