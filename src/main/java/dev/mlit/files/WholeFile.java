package dev.mlit.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes files as a whole: after any failure, also of the power, there is the new file, or what was
 * there before. Several processes may write the same file; the last one stays.
 *
 * @since 0.1.0
 */
public final class WholeFile {
  private WholeFile() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    /** Writes to a stream, which is closed for it. */
    void write(OutputStream out) throws IOException;
  }

  /**
   * As {@link #write(Path, Content)}, of a file that a user named.
   *
   * @throws dev.mlit.spec.InvalidInputException if it can never be written there
   * @throws NotWrittenException if the disk does not take it
   */
  public static void writeNamed(Path file, Content content) {
    try {
      write(file, content);
    } catch (IOException e) {
      throw NotWrittenException.orInvalid(file, e);
    }
  }

  /** As {@link #writeNamed(Path, Content)}, of a text in UTF-8. */
  public static void writeNamed(Path file, String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    writeNamed(file, out -> out.write(bytes));
  }

  /** As {@link #write(Path, Content)}, of a text in UTF-8. */
  public static void write(Path file, String content) throws IOException {
    write(file, content.getBytes(StandardCharsets.UTF_8));
  }

  /** As {@link #write(Path, Content)}, of bytes. */
  public static void write(Path file, byte[] content) throws IOException {
    write(file, out -> out.write(content));
  }

  /**
   * Writes a file beside its place, to the disk, and then moves it there. A link stays, what it
   * points to is written; what is no file, such as a pipe or a device, is written to.
   *
   * @throws IOException if it cannot be written; what was there is still there then
   */
  public static void write(Path file, Content content) throws IOException {
    Path place = Disk.followed(file);
    if (Files.isDirectory(place)) {
      throw new FileSystemException(file.toString(), null, "is a directory");
    }
    if (Files.exists(place) && !Files.isRegularFile(place)) {
      try (OutputStream out = Files.newOutputStream(place, StandardOpenOption.WRITE)) {
        content.write(out);
      }
      return;
    }
    Path unfinished = PrivateNames.drawn(place, PrivateNames.Kind.NEW);
    try {
      try (OutputStream out =
          Files.newOutputStream(
              unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.write(out);
      }
      Disk.sync(unfinished);
      Disk.move(unfinished, place);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
  }
}
