package dev.mlit.study;

import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * That this process is at a run of a study. The lock is the system's, on a file in the study's
 * folder {@code claims}: it ends with the process, however that ends, and what it was at is for the
 * others to go on with.
 */
final class Claim implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Claim.class);
  private static final String FOLDER = "claims";

  private final FileChannel channel;

  private Claim(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Claims a run.
   *
   * @param study the directory of the study
   * @param name of the run
   * @return null if another process is at it
   */
  static @Nullable Claim take(Path study, String name) {
    Path file = study.resolve(FOLDER).resolve(name);
    try {
      Files.createDirectories(file.getParent());
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (isLocked(channel, file)) {
        return new Claim(channel);
      }
      channel.close();
      return null;
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private static boolean isLocked(FileChannel channel, Path file) {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      // Another thread of this process.
      return false;
    } catch (IOException e) {
      LOG.warn("{}: this file system has no locks: {}", file, e.getMessage());
      return true;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("a claim cannot be given back: {}", e.getMessage());
    }
  }
}
