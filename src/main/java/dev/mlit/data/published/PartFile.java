package dev.mlit.data.published;

import dev.mlit.files.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The part of a file that has been downloaded: {@code NAME.part}, and beside it {@code
 * NAME.part.version}, which says of which version of the file on the server it is a part. Locked
 * while it is open, so that two programs never write into the same one.
 */
final class PartFile implements AutoCloseable {
  static final String ENDING = ".part";
  static final String VERSION_ENDING = ".part.version";

  private final Path target;
  private final Path part;
  private final Path versionFile;
  private final FileChannel channel;
  private volatile long size;

  private PartFile(Path target, Path part, FileChannel channel) throws IOException {
    this.target = target;
    this.part = part;
    this.versionFile = target.resolveSibling(target.getFileName() + VERSION_ENDING);
    this.channel = channel;
    this.size = channel.size();
    channel.position(size);
  }

  /**
   * Opens the part of a file, or an empty one.
   *
   * @throws FetchException if another program downloads the same file
   */
  static PartFile of(Path target) throws IOException {
    Path part = target.resolveSibling(target.getFileName() + ENDING);
    FileChannel channel =
        FileChannel.open(
            part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    try {
      if (channel.tryLock() != null) {
        return new PartFile(target, part, channel);
      }
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw busy(part);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw busy(part);
  }

  private static FetchException busy(Path part) {
    return new FetchException(part + ": another program downloads this file; wait for it");
  }

  /** The bytes that are here. */
  long size() {
    return size;
  }

  Path path() {
    return part;
  }

  /** What the server called this version of the file; empty if it did not, or nothing is here. */
  String version() throws IOException {
    return size > 0 && Files.isRegularFile(versionFile)
        ? Files.readString(versionFile).strip()
        : "";
  }

  /** Drops what is here and begins with a version of the file. */
  void restart(String version) throws IOException {
    channel.truncate(0);
    channel.position(0);
    size = 0;
    Files.write(versionFile, version.getBytes(StandardCharsets.UTF_8));
  }

  void append(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    size = channel.position();
  }

  /** Gives the file its name, as a whole. */
  void finish() throws IOException {
    channel.force(true);
    Disk.move(part, target);
    Files.deleteIfExists(versionFile);
  }

  /** Removes what is here. */
  void discard() throws IOException {
    Files.deleteIfExists(part);
    Files.deleteIfExists(versionFile);
  }

  @Override
  public void close() throws IOException {
    boolean empty = size == 0;
    channel.close();
    if (empty) {
      discard();
    }
  }
}
