package dev.mlit.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Files that are whole or not there, also after a power failure. */
final class Durable {
  private static final String UNFINISHED = ".unfinished";

  private Durable() {}

  /** Writes a file beside its place, to the disk, and then moves it there. */
  static void write(Path file, String content) throws IOException {
    Path unfinished = unfinished(file);
    try (FileChannel channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
    move(unfinished, file);
  }

  /** Where a file or directory is made before it is moved to its place. */
  static Path unfinished(Path place) {
    return place.resolveSibling(place.getFileName() + UNFINISHED);
  }

  /** Moves a file or directory within its directory, for good. */
  static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Path directory = to.toAbsolutePath().getParent();
    if (directory != null) {
      sync(directory);
    }
  }

  /** Waits until the content of a file, or the list of a directory's files, is on the disk. */
  static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
