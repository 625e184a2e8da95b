package dev.mlit.savedmodel;

import dev.mlit.data.image.BoundedStream;
import dev.mlit.files.Disk;
import dev.mlit.files.ModelCopy;
import dev.mlit.files.ModelLayout;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a SavedModel, wherever they lie: in a directory, a zip, another file system or on
 * the class path. What does not lie among the machine's own files is copied into a temporary
 * directory of this user's until the model is loaded.
 */
final class ModelFiles {
  /** Of a file; packed files can unpack to any length. */
  private static final long MOST_BYTES = 1L << 30;

  private static final Logger LOG = LoggerFactory.getLogger(ModelFiles.class);

  private ModelFiles() {}

  /**
   * Loads a model from a directory of any file system, or from a zip that holds its files at its
   * root or in its only folder.
   *
   * @throws InvalidInputException if there is no model, or what {@code loader} throws
   */
  static <T> T load(Path path, Function<Path, T> loader) {
    if (isZip(path)) {
      try (FileSystem zip = FileSystems.newFileSystem(path)) {
        return copied(path.toString(), files(root(zip)), loader);
      } catch (IOException e) {
        throw new InvalidInputException(
            path + ": damaged or truncated zip (" + Printable.excerpt(e) + ")", e);
      }
    }
    return path.getFileSystem().equals(FileSystems.getDefault())
        ? loader.apply(path)
        : copied(path.toString(), files(path), loader);
  }

  /**
   * Loads a model from the class path.
   *
   * @param directory of its files, with slashes
   * @throws InvalidInputException if there is no model, or what {@code loader} throws
   */
  static <T> T load(ClassLoader classes, String directory, Function<Path, T> loader) {
    String start = directory.replaceAll("^/+|/+$", "") + "/";
    return copied(
        "class path " + directory, file -> classes.getResourceAsStream(start + file), loader);
  }

  private static boolean isZip(Path path) {
    return path.toString().toLowerCase(Locale.ROOT).endsWith(".zip") && Files.isRegularFile(path);
  }

  private static Path root(FileSystem zip) throws IOException {
    Path root = zip.getPath("/");
    try (Stream<Path> content = Files.list(root)) {
      List<Path> all = content.toList();
      return all.size() == 1 && Files.isDirectory(all.get(0)) ? all.get(0) : root;
    }
  }

  private static ModelCopy.Opener files(Path directory) {
    return file -> {
      Path path = directory.resolve(file);
      return Files.isRegularFile(path) ? Files.newInputStream(path) : null;
    };
  }

  private static <T> T copied(String name, ModelCopy.Opener files, Function<Path, T> loader) {
    Path directory =
        ModelCopy.of("mlit-model", name, ModelLayout.READ, file -> bounded(files.open(file)));
    try {
      return loader.apply(directory);
    } catch (InvalidInputException e) {
      // In the words of the caller, who knows nothing of the copy.
      throw new InvalidInputException(
          advice -> e.message(advice).replace(directory.toString(), name), e);
    } finally {
      try {
        Disk.delete(directory);
      } catch (IOException e) {
        LOG.warn("{}: a copy of {} cannot be deleted: {}", directory, name, e.getMessage());
      }
    }
  }

  private static @Nullable InputStream bounded(@Nullable InputStream in) {
    return in == null ? null : new BoundedStream(in, MOST_BYTES);
  }
}
