package dev.mlit.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The right of one writer to replace a directory. It is the system's lock on a file beside the
 * directory, so that it ends with the process; the file is deleted with the claim.
 */
final class Claim implements AutoCloseable {
  /**
   * Directories that this process has claimed. A process that opens a file that it has locked, and
   * closes it, loses the lock (POSIX), so the file must not be touched again.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel locked;
  private final FileChannel reader;

  private Claim(Path file, FileChannel locked, FileChannel reader) {
    this.file = file;
    this.locked = locked;
    this.reader = reader;
  }

  /**
   * Claims a directory, which need not exist; its parent must.
   *
   * @return null if another writer has it
   */
  static @Nullable Claim tryTo(Path place) throws IOException {
    Path file = Disk.parent(place).toRealPath().resolve(PrivateNames.lock(place).getFileName());
    if (!HELD.add(file)) {
      return null;
    }
    Claim claim = null;
    try {
      claim = Uninterrupted.call(() -> Optional.ofNullable(lock(file))).orElse(null);
      return claim;
    } finally {
      if (claim == null) {
        HELD.remove(file);
      }
    }
  }

  private static @Nullable Claim lock(Path file) throws IOException {
    while (true) {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileChannel reader = null;
      try {
        if (!locks(channel)) {
          return null;
        }
        String token = UUID.randomUUID().toString();
        channel.truncate(0).write(ByteBuffer.wrap(token.getBytes(StandardCharsets.UTF_8)));
        // The writer before may have deleted the file after it was opened here.
        reader = FileChannel.open(file, StandardOpenOption.READ);
        InputStream in = Channels.newInputStream(reader);
        if (new String(in.readAllBytes(), StandardCharsets.UTF_8).equals(token)) {
          Claim claim = new Claim(file, channel, reader);
          channel = null;
          reader = null;
          return claim;
        }
      } catch (NoSuchFileException e) {
        // Deleted meanwhile: try again.
      } finally {
        close(reader);
        close(channel);
      }
    }
  }

  private static boolean locks(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      // Another mlit of this process, such as of another class loader.
      return false;
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      // A file system without locks: claims hold within this process only.
      return true;
    }
  }

  private static void close(@Nullable FileChannel channel) throws IOException {
    if (channel != null) {
      channel.close();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      Files.deleteIfExists(file);
    } finally {
      locked.close();
      reader.close();
      HELD.remove(file);
    }
  }
}
