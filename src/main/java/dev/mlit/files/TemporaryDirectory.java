package dev.mlit.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory that is there for a while; a signal that ends the process deletes it too. */
public final class TemporaryDirectory {
  private TemporaryDirectory() {}

  /** What is done with a directory. */
  @FunctionalInterface
  public interface Use {
    /** Uses it. */
    void with(Path directory) throws IOException;
  }

  /**
   * Gives a directory for a while.
   *
   * @throws NotWrittenException if it cannot be written
   */
  @SuppressWarnings("try") // It is used by being open.
  public static void use(Use use) {
    try {
      Path directory = Files.createTempDirectory("mlit");
      try (Leftovers.Registered registered = Leftovers.register(directory)) {
        use.with(directory);
      } finally {
        Disk.delete(directory);
      }
    } catch (IOException e) {
      throw NotWrittenException.of(
          "a temporary directory in " + System.getProperty("java.io.tmpdir"), e);
    }
  }
}
