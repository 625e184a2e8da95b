package dev.mlit.data;

import dev.mlit.data.image.BoundedStream;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.Printable;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Reads .tar.gz archives from the first to the last byte; nothing is unpacked to disk.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class TarFiles {
  private static final int BUFFER = 1 << 16;

  /** Files that are kept in memory, still encoded: all of Flowers-102 is 345 MB. */
  private static final long MOST_KEPT = 512L << 20;

  private TarFiles() {}

  /** Gets the files of an archive, one after the other. */
  public interface Visitor {
    /**
     * Takes a file.
     *
     * @param name with slashes
     * @param size its length in bytes, as the archive has it
     * @param content the stream, to be read or not; ends with the file
     */
    void file(String name, long size, InputStream content) throws IOException;

    /** Takes a directory, which the archive may name or not. */
    default void directory(String name) {}
  }

  /**
   * Keeps all files of an archive in memory, as they are.
   *
   * @throws InvalidInputException if it is damaged, holds a link or a name that leads out of it, or
   *     is too large to be kept in memory
   */
  public static FileTree load(Path archive) {
    Map<String, byte[]> files = new HashMap<>();
    Set<String> folders = new HashSet<>();
    long most = Math.min(MOST_KEPT, Runtime.getRuntime().maxMemory() / 4);
    String tooLarge =
        String.format(
            Locale.ROOT,
            "unpacks to more than %d MB, too much to keep in memory; unpack it and name its folder",
            most >> 20);
    visit(
        archive,
        most,
        tooLarge,
        new Visitor() {
          @Override
          public void file(String name, long size, InputStream content) throws IOException {
            byte[] bytes = content.readNBytes((int) size);
            if (bytes.length < size) {
              throw new EOFException("truncated at " + name);
            }
            files.put(name, bytes);
          }

          @Override
          public void directory(String name) {
            folders.add(name);
          }
        });
    return FileTree.of(archive + "!/", files.keySet(), folders, name -> open(files, name));
  }

  private static InputStream open(Map<String, byte[]> files, String name) throws IOException {
    byte[] bytes = files.get(name);
    if (bytes == null) {
      throw new FileNotFoundException(name + " is not in the archive");
    }
    return new ByteArrayInputStream(bytes);
  }

  /**
   * Shows all files to a visitor, to the end of the archive, its checksum included.
   *
   * @param most bytes that the archive may unpack to
   * @param tooLarge the problem if it is more
   * @throws InvalidInputException if it is damaged or holds a link or a name that leads out of it;
   *     what the visitor throws passes through
   */
  public static void visit(Path archive, long most, String tooLarge, Visitor visitor) {
    try (InputStream file = Files.newInputStream(archive);
        InputStream gzip = new GZIPInputStream(file, BUFFER);
        BoundedStream bounded = bounded(archive, gzip, most, tooLarge);
        TarArchiveInputStream tar = new TarArchiveInputStream(bounded)) {
      boolean ended = false;
      while (!ended) {
        TarArchiveEntry entry = tar.getNextEntry();
        ended = entry == null;
        if (entry != null) {
          visit(archive, entry, tar, visitor);
        }
      }
      if (bounded.count() < 1024) {
        throw new EOFException("no files");
      }
      // The checksum comes last.
      bounded.transferTo(OutputStream.nullOutputStream());
    } catch (InvalidInputException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new InvalidInputException(
          archive + ": damaged or truncated .tar.gz (" + Printable.excerpt(e) + "); fetch it again",
          e);
    }
  }

  private static void visit(
      Path archive, TarArchiveEntry entry, TarArchiveInputStream tar, Visitor visitor)
      throws IOException {
    String name = ArchiveEntries.checkedName(archive, entry.getName());
    boolean link = entry.isSymbolicLink() || entry.isLink();
    ArchiveEntries.require(!link, archive, entry.getName(), "is a link");
    if (entry.isDirectory()) {
      visitor.directory(name);
      return;
    }
    boolean plain = ArchiveEntries.isPlainFile(entry);
    ArchiveEntries.require(plain, archive, entry.getName(), "is no plain file");
    visitor.file(name, entry.getSize(), tar);
  }

  private static BoundedStream bounded(Path archive, InputStream gzip, long most, String tooLarge) {
    return new BoundedStream(gzip, most) {
      @Override
      protected IOException tooMuch(long most) {
        throw new InvalidInputException(archive + ": " + tooLarge);
      }
    };
  }
}
