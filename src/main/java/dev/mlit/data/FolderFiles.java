package dev.mlit.data;

import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Lists the files of a folder. Links are followed: the user made them, or allowed them.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class FolderFiles {
  /** What Java puts in place of a byte that it cannot decode. */
  private static final char UNREADABLE = '\uFFFD';

  private FolderFiles() {}

  /**
   * All files below a folder.
   *
   * @throws InvalidInputException if a part of it cannot be read, or a link leads back into it
   */
  public static FileTree list(Path root) {
    Map<String, Path> files = new HashMap<>();
    List<String> folders = new ArrayList<>();
    try {
      Files.walkFileTree(
          root,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              if (!folder.equals(root)) {
                folders.add(relative(root, folder));
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              files.put(relative(root, file), file);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw InvalidInputException.unreadable(root, e);
    }
    return FileTree.of(
        root + "/",
        files.keySet(),
        folders,
        f -> Files.newInputStream(Objects.requireNonNull(files.get(f), f)));
  }

  /**
   * The name below the root. Where the environment has no encoding for file names, as with
   * LC_ALL=C, Java keeps their bytes but reads no letters from those that are not of ASCII: they
   * are UTF-8.
   */
  private static String relative(Path root, Path file) {
    if (file.toString().indexOf(UNREADABLE) >= 0) {
      String below = root.toUri().relativize(file.toUri()).getPath();
      return below.endsWith("/") ? below.substring(0, below.length() - 1) : below;
    }
    return root.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
  }

  /**
   * The directory that a relative path was resolved against, for messages, such as when a run is
   * resumed from elsewhere.
   */
  public static String seenFrom(Path given) {
    return given.isAbsolute() ? "" : " (seen from " + Path.of("").toAbsolutePath() + ")";
  }
}
