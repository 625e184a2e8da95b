package dev.mlit.train;

import dev.mlit.files.Uninterrupted;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.FileProblem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a directory, such as that of a run, to one process. The lock is the system's, on the file
 * {@code .lock}: it ends with the process, however that ends, and the file that stays behind blocks
 * nobody.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class RunLock implements AutoCloseable {
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
    RunLock lock = tryAcquire(directory);
    if (lock == null) {
      throw inUse(directory);
    }
    return lock;
  }

  /**
   * Locks a directory that exists, if it is free.
   *
   * @return null if somebody has it: another process, or this one
   * @throws InvalidInputException if it cannot be written
   */
  public static @Nullable RunLock tryAcquire(Path directory) {
    try {
      Path place = directory.toRealPath();
      if (!HELD.add(place)) {
        return null;
      }
      FileChannel channel = null;
      try {
        channel = Uninterrupted.call(() -> Optional.ofNullable(lock(directory))).orElse(null);
        return channel == null ? null : new RunLock(place, channel);
      } finally {
        if (channel == null) {
          HELD.remove(place);
        }
      }
    } catch (IOException e) {
      throw new InvalidInputException(FileProblem.unwritable(directory, e), e);
    }
  }

  private static @Nullable FileChannel lock(Path directory) throws IOException {
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
      channel.close();
      return null;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static boolean locked(FileChannel channel, Path file) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      LOG.warn("{}: this file system has no locks: {}", file, e.getMessage());
      return true;
    }
  }

  private static InvalidInputException inUse(Path directory) {
    String owner = owner(directory);
    return new InvalidInputException(
        advice ->
            directory
                + ": "
                + (owner.isBlank() ? "another process" : owner)
                + " is training here; wait for it to end, or choose another directory ("
                + advice.directory(Trainer.class)
                + ")");
  }

  private static String owner(Path directory) {
    try {
      return HELD.contains(directory.toRealPath())
          ? "this process"
          : Files.readString(directory.resolve(FILE));
    } catch (IOException e) {
      return "";
    }
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
