package dev.mlit.files;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model's files in a temporary directory of this user's, where they lie in none: TensorFlow reads
 * files only.
 *
 * @since 0.1.0
 */
public final class ModelCopy {
  private ModelCopy() {}

  /** Gives the content of files. */
  @FunctionalInterface
  public interface Opener {
    /** Opens a file of the model; null if it is not there. */
    @Nullable InputStream open(String file) throws IOException;
  }

  /**
   * Copies the files that are there; the caller deletes the directory.
   *
   * @param prefix of the directory's name, which says whose it is
   * @param name names the model in messages
   * @param files with slashes
   * @throws InvalidInputException if a file cannot be read, or no directory be made
   */
  public static Path of(String prefix, String name, List<String> files, Opener opener) {
    Path directory = temporary(prefix);
    try {
      for (String file : files) {
        copy(name + "/" + file, opener, file, directory.resolve(file));
      }
      return directory;
    } catch (RuntimeException | Error e) {
      try {
        Disk.delete(directory);
      } catch (IOException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
  }

  private static Path temporary(String prefix) {
    try {
      // Only for this user, as Java makes them.
      return Files.createTempDirectory(prefix);
    } catch (IOException e) {
      throw new InvalidInputException(
          System.getProperty("java.io.tmpdir")
              + ": no directory can be made here to copy the model to ("
              + Printable.excerpt(e)
              + "); name another one with -Djava.io.tmpdir=DIR",
          e);
    }
  }

  private static void copy(String name, Opener opener, String file, Path copy) {
    try (InputStream in = opener.open(file)) {
      if (in != null) {
        Files.createDirectories(copy.resolveSibling("."));
        Files.copy(in, copy);
      }
    } catch (IOException e) {
      throw InvalidInputException.unreadable(name, e);
    }
  }
}
