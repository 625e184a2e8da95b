package dev.mlit.files;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.FileProblem;
import dev.mlit.spec.text.Printable;
import dev.mlit.spec.text.Shortened;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory that is replaced as a whole: whatever ends the process, the old one or the new one is
 * there, and nothing that somebody else has put there is deleted.
 *
 * <p>The new one is written beside it, to the disk, and the two are exchanged in one step. Where a
 * system cannot do that, the old one is moved away first; {@link #recover} puts it back if the
 * process ends between the two moves.
 *
 * @since 0.1.0
 */
public final class WholeDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(WholeDirectory.class);
  private static final int NAMED = 5;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long BETWEEN_LOOKS_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Path directory;
  private final Set<String> ownFiles;
  private final Set<String> marks;
  private final boolean exchanges;

  private WholeDirectory(
      Path directory, Set<String> ownFiles, Set<String> marks, boolean exchanges) {
    this.directory = directory;
    this.ownFiles = ownFiles;
    this.marks = marks;
    this.exchanges = exchanges;
  }

  /** Writes the content of a directory. */
  @FunctionalInterface
  public interface Content {
    /** Writes into a directory that is empty. */
    void write(Path directory) throws IOException;
  }

  /**
   * A directory that will be replaced.
   *
   * @param ownFiles the files that mlit writes there, with slashes below it
   * @param marks those of them that say that an earlier one of mlit is there
   */
  public static WholeDirectory at(Path directory, Set<String> ownFiles, Set<String> marks) {
    return new WholeDirectory(directory, ownFiles, marks, true);
  }

  /** The same, as on a system that cannot exchange two directories. */
  WholeDirectory withoutExchange() {
    return new WholeDirectory(directory, ownFiles, marks, false);
  }

  /**
   * Checks before the content is written that the directory can be replaced, and that nothing is
   * lost by it.
   *
   * @throws InvalidInputException if it is a file or a mount point, holds something that mlit did
   *     not write, lies in a zip or the like, or cannot be written
   */
  public void requireReplaceable() {
    Disk.requireOwnFiles(directory);
    try {
      Path place = Disk.followed(directory);
      requireOwn(place);
      requirePlace(place);
    } catch (IOException e) {
      throw new InvalidInputException(FileProblem.unwritable(directory, e), e);
    }
  }

  /**
   * Replaces the directory; what it holds is kept if anything fails.
   *
   * @throws InvalidInputException as {@link #requireReplaceable} does, or if another process
   *     replaces it at the same time
   * @throws NotWrittenException if the disk does not take it
   */
  public void replace(Content content) {
    requireReplaceable();
    try {
      Path place = Disk.followed(directory);
      Files.createDirectories(Disk.parent(place));
      try (Claim claim = Claim.tryTo(place)) {
        if (claim == null) {
          throw new InvalidInputException(
              directory + ": is being written by somebody else right now; it is left to them");
        }
        putBack(place);
        requireOwn(place);
        for (PrivateNames.Kind kind : PrivateNames.Kind.values()) {
          for (Path left : PrivateNames.left(place, kind)) {
            Disk.delete(left);
          }
        }
        replace(place, content);
      }
    } catch (IOException e) {
      throw NotWrittenException.of(directory, e);
    }
  }

  @SuppressWarnings("try") // What is registered is used by being open.
  private void replace(Path place, Content content) throws IOException {
    Path unfinished = PrivateNames.drawn(place, PrivateNames.Kind.NEW);
    try (Leftovers.Registered registered = Leftovers.register(unfinished)) {
      try {
        Files.createDirectory(unfinished);
        content.write(unfinished);
        takePermissions(place, unfinished);
        Disk.syncAll(unfinished);
        put(unfinished, place);
      } catch (IOException | RuntimeException e) {
        Disk.delete(unfinished);
        throw e;
      }
    }
  }

  /** Puts the new directory in its place; afterwards nothing is left beside it. */
  private void put(Path unfinished, Path place) throws IOException {
    if (!Files.exists(place)) {
      Disk.move(unfinished, place);
      return;
    }
    if (exchanges && Exchange.of(unfinished, place)) {
      Disk.sync(Disk.parent(place));
      deleteOwn(unfinished);
      return;
    }
    Path previous = PrivateNames.drawn(place, PrivateNames.Kind.OLD);
    Disk.move(place, previous);
    try {
      Disk.move(unfinished, place);
    } catch (IOException | RuntimeException e) {
      Disk.move(previous, place);
      throw e;
    }
    deleteOwn(previous);
  }

  /**
   * Deletes the old directory, or keeps it aside if files have come into it since it was checked.
   */
  private void deleteOwn(Path old) throws IOException {
    if (foreign(old).isEmpty()) {
      Disk.delete(old);
    } else {
      Path kept = directory.resolveSibling(directory.getFileName() + "-" + old.getFileName());
      Disk.move(old, kept);
      LOG.warn("{}: what was there before is kept as {}, as files came into it", directory, kept);
    }
  }

  /**
   * Puts back a directory that an interrupted replacement has moved away, if it is missing. Code
   * that reads a directory calls this first.
   */
  public static void recover(Path directory) {
    try {
      Path place = Disk.followed(directory);
      long end = System.nanoTime() + PATIENCE_NANOS;
      while (!Files.exists(place)
          && !PrivateNames.left(place, PrivateNames.Kind.OLD).isEmpty()
          && System.nanoTime() < end) {
        try (Claim claim = Claim.tryTo(place)) {
          if (claim != null) {
            putBack(place);
            return;
          }
        }
        // Another writer is between its two moves.
        LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
      }
    } catch (IOException e) {
      LOG.warn("{}: what was there before cannot be put back: {}", directory, e.getMessage());
    }
  }

  private static void putBack(Path place) throws IOException {
    List<Path> old = PrivateNames.left(place, PrivateNames.Kind.OLD);
    if (!Files.exists(place) && !old.isEmpty()) {
      Disk.move(old.get(0), place);
    }
  }

  // ---- What is checked ----

  private void requireOwn(Path place) throws IOException {
    if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.isDirectory(place)) {
      throw refused("must be a directory");
    }
    try (Stream<Path> content = Files.list(place)) {
      if (content.findAny().isEmpty()) {
        return;
      }
    }
    List<String> foreign = foreign(place);
    boolean marked = marks.stream().allMatch(mark -> Files.isRegularFile(place.resolve(mark)));
    if (!marked || !foreign.isEmpty()) {
      throw refused(
          "holds something that mlit did not write, it is not overwritten"
              + (foreign.isEmpty() ? "" : ": " + Shortened.list(foreign, NAMED)));
    }
  }

  /** What mlit did not write, links and empty folders included. */
  private List<String> foreign(Path place) throws IOException {
    Set<String> folders = new HashSet<>(Set.of(""));
    for (String file : ownFiles) {
      for (int end = file.indexOf('/'); end > 0; end = file.indexOf('/', end + 1)) {
        folders.add(file.substring(0, end));
      }
    }
    List<String> foreign = new ArrayList<>();
    collectForeign(place, place, folders, foreign);
    return foreign.stream().sorted().toList();
  }

  /** Does not look into folders that are foreign as a whole. */
  private void collectForeign(Path place, Path folder, Set<String> folders, List<String> into)
      throws IOException {
    try (Stream<Path> content = Files.list(folder)) {
      for (Path path : content.toList()) {
        String name =
            place.relativize(path).toString().replace(path.getFileSystem().getSeparator(), "/");
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) && folders.contains(name)) {
          collectForeign(place, path, folders, into);
        } else if (!ownFiles.contains(name)
            || !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
          into.add(Printable.line(name));
        }
      }
    }
  }

  private void requirePlace(Path place) throws IOException {
    if (place.getFileName() == null || Path.of("").toAbsolutePath().startsWith(place)) {
      throw refused("is or holds the working directory, and would be replaced");
    }
    Path parent = Disk.parent(place);
    while (!Files.exists(parent) && parent.getParent() != null) {
      parent = parent.getParent();
    }
    if (!Files.isDirectory(parent)) {
      throw refused(parent + " is a file");
    }
    if (Files.exists(place) && isMountPoint(place, parent)) {
      throw refused(
          "is a mount point, which cannot be replaced as a whole; name a directory in it");
    }
    // Whether it may be written, only writing tells: permissions, a disk that is read only, names
    // that are too long.
    Path probe = PrivateNames.drawn(parent.resolve(place.getFileName()), PrivateNames.Kind.NEW);
    Files.createDirectory(probe);
    Files.delete(probe);
  }

  private static boolean isMountPoint(Path place, Path parent) throws IOException {
    if (!place.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return false;
    }
    return !Files.getAttribute(place, "unix:dev").equals(Files.getAttribute(parent, "unix:dev"))
        || Mounts.contains(place.toRealPath());
  }

  private static void takePermissions(Path from, Path to) throws IOException {
    if (Files.exists(from)
        && from.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(to, Files.getPosixFilePermissions(from));
    }
  }

  private InvalidInputException refused(String problem) {
    return new InvalidInputException(directory + ": " + problem);
  }
}
