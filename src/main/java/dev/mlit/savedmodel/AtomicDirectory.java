package dev.mlit.savedmodel;

import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.io.file.PathUtils;

/**
 * Writes a directory beside its place and then moves it there, so that it is whole or not there.
 */
final class AtomicDirectory {
  private AtomicDirectory() {}

  /** Writes the content of a directory. */
  @FunctionalInterface
  interface Content {
    void write(Path directory) throws IOException;
  }

  /**
   * Checks that nothing is lost when the directory is replaced.
   *
   * @param marks the files that say that it holds what will be replaced
   * @throws InvalidInputException if it is a file, or holds something else
   */
  static void requireReplaceable(Path directory, String... marks) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> content = Files.list(directory)) {
      Set<String> names = content.map(p -> p.getFileName().toString()).collect(Collectors.toSet());
      if (!names.isEmpty() && !names.containsAll(Set.of(marks))) {
        throw new InvalidInputException(
            directory + ": holds something that mlit did not write, it is not overwritten");
      }
    } catch (IOException e) {
      throw new InvalidInputException(directory + ": must be a directory", e);
    }
  }

  /**
   * Replaces a directory.
   *
   * @throws InvalidInputException if it cannot be written
   */
  static void replace(Path directory, Content content) {
    Path place = directory.toAbsolutePath().normalize();
    Path unfinished = place.resolveSibling(place.getFileName() + ".unfinished");
    Path previous = place.resolveSibling(place.getFileName() + ".previous");
    try {
      delete(unfinished);
      Files.createDirectories(unfinished);
      content.write(unfinished);
      delete(previous);
      if (Files.exists(place)) {
        Files.move(place, previous);
      }
      Files.move(unfinished, place);
      delete(previous);
    } catch (IOException e) {
      throw new InvalidInputException(directory + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /**
   * Gives a directory for a while.
   *
   * @throws InvalidInputException if it cannot be written
   */
  static void temporary(Content use) {
    try {
      Path directory = Files.createTempDirectory("mlit");
      try {
        use.write(directory);
      } finally {
        delete(directory);
      }
    } catch (IOException e) {
      throw new InvalidInputException("temporary files cannot be written: " + e.getMessage(), e);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      PathUtils.deleteDirectory(directory);
    }
  }
}
