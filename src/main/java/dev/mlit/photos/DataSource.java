package dev.mlit.photos;

import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.data.ReadOptions;
import dev.mlit.data.published.PublishedLayout;
import dev.mlit.files.ModelLayout;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec.NamedDataset;
import dev.mlit.spec.text.HomePath;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where images come from: a dataset by name, or what lies at a path.
 *
 * @param dataset a name that {@link Datasets} knows
 * @param directory its files; null for the usual places
 * @since 0.1.0
 */
public record DataSource(String dataset, @Nullable Path directory) {
  /**
   * The dataset of this name, or what lies at this path: {@code ./mnist} is a path where {@code
   * mnist} is a name.
   *
   * @throws InvalidInputException if it is neither, or a path that holds no images
   */
  public static DataSource of(String nameOrPath) {
    boolean isName = Datasets.names().contains(nameOrPath);
    if (isName
        && !(nameOrPath.equals(NamedDataset.IMAGE_FOLDER)
            && Files.exists(Path.of(NamedDataset.IMAGE_FOLDER)))) {
      return new DataSource(nameOrPath, null);
    }
    HomePath.problem(nameOrPath)
        .ifPresent(
            problem -> {
              throw new InvalidInputException(problem);
            });
    Path path = path(nameOrPath);
    if (path == null || (!Files.exists(path) && isName(nameOrPath))) {
      throw new InvalidInputException(
          Datasets.unknown(nameOrPath, Datasets.names()).getMessage()
              + "; there is no folder or archive of this name either");
    }
    return of(path);
  }

  /**
   * As {@link #of(String)}, or the dataset of a name whose files lie in a directory.
   *
   * @param directory null for the usual places
   * @throws InvalidInputException as {@link #of(String)} does, or if files in a directory are asked
   *     for and there is no dataset of this name
   */
  public static DataSource of(String nameOrPath, @Nullable Path directory) {
    if (directory == null) {
      return of(nameOrPath);
    }
    if (!Datasets.names().contains(nameOrPath)) {
      throw Datasets.unknown(nameOrPath, Datasets.names());
    }
    return new DataSource(nameOrPath, directory);
  }

  /**
   * What lies at a path: a published dataset, known by its files, or a folder for every class.
   *
   * @throws InvalidInputException if it is not there, or no place of images
   */
  public static DataSource of(Path path) {
    if (Files.exists(path.resolve(ModelLayout.GRAPH))) {
      throw new InvalidInputException(
          path + ": is a SavedModel, must be a folder or an archive of images");
    }
    if (Files.exists(path.resolve("run.yaml")) && Files.exists(path.resolve("checkpoints"))) {
      throw new InvalidInputException(
          advice ->
              path
                  + ": is the directory of a run, must be a folder or an archive of images; go on"
                  + " with the run with: "
                  + advice.resume(path));
    }
    return new DataSource(PublishedLayout.of(path).orElse(NamedDataset.IMAGE_FOLDER), path);
  }

  private static @Nullable Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private static boolean isName(String text) {
    return text.matches("[a-z0-9-]+");
  }

  /** Whether the images are in a folder for every class. */
  boolean isFolder() {
    return dataset.equals(NamedDataset.IMAGE_FOLDER);
  }

  /** Opens it. */
  public Dataset open(ReadOptions options) {
    return Datasets.open(dataset, directory, options);
  }

  /** A name for a run: that of the folder or archive, or of the dataset. */
  public String title() {
    Path named = directory == null ? null : directory.toAbsolutePath().normalize().getFileName();
    String name = named == null || !isFolder() ? dataset : named.toString();
    String plain =
        name.replaceFirst("(?i)\\.(zip|tgz|tar\\.gz)$", "")
            .replaceAll("[^A-Za-z0-9._-]+", "-")
            .replaceAll("^[-.]+|[-.]+$", "");
    return plain.isEmpty() ? "photos" : plain.substring(0, Math.min(60, plain.length()));
  }

  /** As a user would write it. */
  String text() {
    return directory == null ? dataset : directory.toString();
  }
}
