package dev.mlit.data.published;

import dev.mlit.data.ArchiveEntries;
import dev.mlit.files.Disk;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.FileProblem;
import dev.mlit.spec.text.Printable;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.io.file.PathUtils;

/**
 * Unpacks a zip or tar.gz file into a new directory beside the archive, named after it.
 *
 * <p>No archive is trusted: files and directories are all that is made, each inside that directory
 * and never over another one; links, other kinds of entries and whatever grows beyond the limits
 * are refused. The directory appears when everything is unpacked, or not at all.
 */
final class Unpacker {

  /** What file systems take; the names of all its folders together may be longer. */
  private static final int LONGEST_NAME = 255;

  private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:.*");

  private final Path archive;
  private final Path root;
  private final Limits limits;
  private long bytes;
  private int entries;

  private Unpacker(Path archive, Path root, Limits limits) {
    this.archive = archive;
    this.root = root;
    this.limits = limits;
  }

  /**
   * Limits of what an archive unpacks to.
   *
   * @param entries the most files and directories
   * @param bytes the most bytes, of all files together
   */
  record Limits(int entries, long bytes) {
    /** Far beyond what packed images unpack to: they are compressed already. */
    static Limits of(Path archive) {
      try {
        return new Limits(1_000_000, 100_000_000 + 20 * Files.size(archive));
      } catch (IOException e) {
        throw InvalidInputException.unreadable(archive, e);
      }
    }
  }

  /** The directory that {@link #unpack} makes of an archive. */
  static Path directory(Path archive) {
    String name = String.valueOf(archive.getFileName());
    int end = name.length();
    var ending = ArchiveEntries.ENDING.matcher(name.toLowerCase(Locale.ROOT));
    if (ending.find()) {
      end = ending.start();
    }
    return archive.resolveSibling(name.substring(0, end));
  }

  /**
   * Unpacks an archive.
   *
   * @return the directory. If all entries lie in one directory, it is that one.
   * @throws InvalidInputException if the archive is damaged or holds what it must not
   * @throws FetchException if the disk does not take it
   */
  static Path unpack(Path archive, Limits limits) {
    Path target = directory(archive);
    if (Files.exists(target)) {
      throw new InvalidInputException(target + ": is there already; remove it to unpack again");
    }
    try {
      Path temporary =
          Files.createTempDirectory(target.toAbsolutePath().getParent(), ".unpacking-");
      try {
        new Unpacker(archive, temporary.resolve("all"), limits).run();
        Path unpacked = only(temporary.resolve("all"));
        Disk.syncAll(unpacked);
        Disk.move(unpacked, target);
      } finally {
        PathUtils.deleteDirectory(temporary);
      }
    } catch (IOException e) {
      throw new FetchException(
          advice ->
              String.format(
                  Locale.ROOT,
                  "%s; nothing was unpacked, %s is left as it is; make room"
                      + " and repeat the %s, or read the archive, which needs no unpacking",
                  FileProblem.unwritable(target, e),
                  archive,
                  advice.call()),
          e);
    }
    return target;
  }

  private void run() throws IOException {
    Files.createDirectory(root);
    String name = String.valueOf(archive.getFileName()).toLowerCase(Locale.ROOT);
    try {
      if (name.endsWith(".zip")) {
        zip();
      } else {
        tar();
      }
    } catch (UncheckedIOException e) {
      // What the disk does not take; all other problems are the archive's.
      throw e.getCause();
    } catch (InvalidInputException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // The library meets damage in many ways, an IndexOutOfBoundsException among them.
      throw new InvalidInputException(
          archive + ": damaged archive (" + Printable.excerpt(e) + ")", e);
    }
  }

  private void zip() throws IOException {
    try (ZipFile zip = ZipFile.builder().setPath(archive).get()) {
      Enumeration<ZipArchiveEntry> entries = zip.getEntries();
      while (entries.hasMoreElements()) {
        ZipArchiveEntry entry = entries.nextElement();
        ArchiveEntries.problem(entry)
            .ifPresent(
                problem -> {
                  throw refused(entry.getName(), problem);
                });
        try (InputStream in = zip.getInputStream(entry)) {
          add(entry.getName(), entry.isDirectory(), in);
        }
      }
    }
  }

  private void tar() throws IOException {
    try (InputStream file = new BufferedInputStream(Files.newInputStream(archive), 1 << 16);
        TarArchiveInputStream tar =
            new TarArchiveInputStream(new GzipCompressorInputStream(file))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.isSymbolicLink() || entry.isLink()) {
          throw refused(entry.getName(), "is a link");
        }
        if (!entry.isDirectory() && !ArchiveEntries.isPlainFile(entry)) {
          throw refused(entry.getName(), "is neither a file nor a directory");
        }
        add(entry.getName(), entry.isDirectory(), tar);
      }
    }
  }

  private void add(String name, boolean directory, InputStream in) throws IOException {
    if (++entries > limits.entries()) {
      throw new InvalidInputException(
          archive + ": more than " + limits.entries() + " entries; nothing was unpacked");
    }
    Path path = inside(name);
    if (directory) {
      makeDirectory(name, path);
      return;
    }
    makeDirectory(name, path.getParent() == null ? root : path.getParent());
    try (OutputStream out = create(name, path)) {
      copy(in, out);
    }
  }

  private void makeDirectory(String name, Path path) {
    try {
      Files.createDirectories(path);
    } catch (FileAlreadyExistsException | NotDirectoryException e) {
      throw refused(name, "lies in another file");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private OutputStream create(String name, Path path) {
    try {
      return Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      throw refused(name, "is there twice");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The path of an entry, which is inside the directory whatever the entry is called. */
  private Path inside(String name) {
    if (name.isEmpty() || name.startsWith("/") || DRIVE.matcher(name).matches()) {
      throw refused(name, "must have a name relative to the archive");
    }
    // A backslash separates directories on Windows, and is in no name that datasets use.
    if (name.contains("\\") || List.of(name.split("/", -1)).contains("..")) {
      throw refused(name, "would lie outside of the directory");
    }
    for (String part : name.split("/", -1)) {
      if (part.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
        throw refused(name, "has too long a name");
      }
    }
    Path path = root.resolve(name).normalize();
    if (!path.startsWith(root)) {
      throw refused(name, "would lie outside of the directory");
    }
    return path;
  }

  private void copy(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[1 << 16];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      bytes += n;
      if (bytes > limits.bytes()) {
        throw new InvalidInputException(
            archive + ": unpacks to more than " + limits.bytes() + " bytes; nothing was unpacked");
      }
      int count = n;
      disk(() -> out.write(buffer, 0, count));
    }
  }

  private InvalidInputException refused(String entry, String problem) {
    return new InvalidInputException(
        archive + ": entry " + Printable.excerpt(entry) + " " + problem + "; nothing was unpacked");
  }

  private interface DiskAction {
    void run() throws IOException;
  }

  private static void disk(DiskAction action) {
    try {
      action.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The directory that holds everything: the only one in this one, or else this one. */
  private static Path only(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      List<Path> content = children.limit(2).toList();
      return content.size() == 1 && Files.isDirectory(content.get(0)) ? content.get(0) : directory;
    }
  }
}
