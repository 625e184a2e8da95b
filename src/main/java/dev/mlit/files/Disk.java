package dev.mlit.files;

import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.apache.commons.io.file.PathUtils;
import org.jspecify.annotations.Nullable;

/**
 * Changes files so that the change survives a power failure.
 *
 * @since 0.1.0
 */
public final class Disk {
  private Disk() {}

  /**
   * Checks that a path is one of the default file system. Files in a zip and the like, which Java
   * can show as if they were files, have no locks, and other programs do not find them.
   *
   * @throws InvalidInputException if it leads elsewhere
   */
  public static void requireOwnFiles(Path path) {
    if (!path.getFileSystem().equals(FileSystems.getDefault())) {
      throw new InvalidInputException(
          path
              + ": lies in "
              + path.getFileSystem()
              + ", must be among the machine's own files; copy it there");
    }
  }

  /** Waits until the content of a file, or the list of a directory's files, is on the disk. */
  public static void sync(Path path) throws IOException {
    Uninterrupted.run(
        () -> {
          try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
          }
        });
  }

  /** As {@link #sync}, of a directory and all that is in it. */
  public static void syncAll(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()) {
              sync(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException problem)
              throws IOException {
            if (problem != null) {
              throw problem;
            }
            sync(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Moves a file or directory within its directory, to the disk; replaces a file. */
  public static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    sync(parent(to));
  }

  /** Deletes a file, or a directory and all that is in it, if it is there; follows no links. */
  public static void delete(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      PathUtils.deleteDirectory(path);
    } else {
      Files.deleteIfExists(path);
    }
  }

  /** The directory that a file or directory lies in. */
  static Path parent(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    return parent == null ? path.toAbsolutePath() : parent;
  }

  /**
   * Where a path leads: a link is followed, so that what is written is what the link points to and
   * the link stays.
   *
   * @throws IOException if a link leads in a circle, or to a place in no directory
   */
  static Path followed(Path path) throws IOException {
    Path place = path.toAbsolutePath().normalize();
    if (Files.exists(place)) {
      return Files.isSymbolicLink(place) ? place.toRealPath() : place;
    }
    if (!Files.isSymbolicLink(place)) {
      return place;
    }
    Path target = parent(place).resolve(Files.readSymbolicLink(place)).normalize();
    if (Files.isSymbolicLink(target) || !Files.isDirectory(parent(target))) {
      throw new IOException("is a link that leads nowhere, to " + target);
    }
    return target;
  }
}
