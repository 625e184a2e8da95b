package dev.mlit.testing;

import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What mlit promises of every file that somebody else has made: it is read, or refused with one
 * clear error.
 */
public final class HostileFiles {
  private static final Path KEPT = Path.of("src/test/resources/fuzz");

  /** As many problems of a spec are told at once. */
  private static final int MOST_LINES = 20;

  private HostileFiles() {}

  /** Reads a file. */
  @FunctionalInterface
  public interface Reader {
    void read() throws IOException;
  }

  /**
   * Reads a file that may be refused.
   *
   * @param file begins every line of the refusal
   * @throws AssertionError if it is neither read nor refused as it should be. It is no refusal to
   *     have run out of memory or stack, and to have caught that: another thread may have been hit.
   */
  public static void readOrRefuse(Path file, Reader reader) throws IOException {
    try {
      reader.read();
    } catch (InvalidInputException e) {
      String message = String.valueOf(e.getMessage());
      if (message.lines().anyMatch(line -> !line.startsWith(file.toString()))
          || message.chars().anyMatch(c -> c != '\n' && Character.isISOControl(c))
          || message.lines().anyMatch(line -> line.length() > 1500)
          || message.lines().count() > MOST_LINES) {
        throw new AssertionError("not a clear message: " + message, e);
      }
      for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
        if (cause instanceof Error) {
          throw new AssertionError("caught too late: " + cause, e);
        }
      }
    }
  }

  /**
   * Files that are kept as tests: at least one that is right, and those on which a fuzzer broke a
   * reader once or got deep into it.
   *
   * @param reader names their folder
   */
  public static List<Path> kept(String reader) {
    try (Stream<Path> files = Files.list(KEPT.resolve(reader))) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
