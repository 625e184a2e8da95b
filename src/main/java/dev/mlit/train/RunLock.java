package dev.mlit.train;

import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a run directory to one process. The lock is the system's, on the file {@code .lock}: it
 * ends with the process, however that ends, and the file that stays behind blocks nobody.
 */
final class RunLock implements AutoCloseable {
  static final String FILE = ".lock";

  private static final Logger LOG = LoggerFactory.getLogger(RunLock.class);

  /**
   * What this process has locked. A process that opens a file that it has locked, and closes it,
   * loses the lock (POSIX), so the file must not be touched again.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path place;
  private final FileChannel channel;

  private RunLock(Path place, FileChannel channel) {
    this.place = place;
    this.channel = channel;
  }

  /**
   * Locks a directory that exists.
   *
   * @throws InvalidInputException if another run has it, or it cannot be written
   */
  static RunLock acquire(Path directory) {
    try {
      Path place = directory.toRealPath();
      if (!HELD.add(place)) {
        throw inUse(directory, "this process");
      }
      try {
        return new RunLock(place, lock(directory));
      } catch (IOException | RuntimeException e) {
        HELD.remove(place);
        throw e;
      }
    } catch (IOException e) {
      throw new InvalidInputException(directory + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private static FileChannel lock(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (locked(channel, file)) {
        byte[] owner =
            ("process " + ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8);
        channel.truncate(0).write(ByteBuffer.wrap(owner));
        return channel;
      }
      throw inUse(directory, Files.readString(file));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static boolean locked(FileChannel channel, Path file) {
    try {
      return channel.tryLock() != null;
    } catch (IOException e) {
      LOG.warn("{}: this file system has no locks: {}", file, e.getMessage());
      return true;
    }
  }

  private static InvalidInputException inUse(Path directory, String owner) {
    return new InvalidInputException(
        directory
            + ": "
            + (owner.isBlank() ? "another process" : owner)
            + " is training here; wait for it to end, or choose another directory (--out DIR)");
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("{}: the lock cannot be closed: {}", place, e.getMessage());
    } finally {
      HELD.remove(place);
    }
  }
}
