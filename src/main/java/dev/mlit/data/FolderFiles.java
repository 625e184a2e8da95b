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
import java.util.List;

/** Lists the files of a folder. Links are followed: the user made them, or allowed them. */
final class FolderFiles {
  private FolderFiles() {}

  /**
   * All files below a folder.
   *
   * @throws InvalidInputException if a part of it cannot be read, or a link leads back into it
   */
  static FileTree list(Path root) {
    List<String> files = new ArrayList<>();
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
              files.add(relative(root, file));
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new InvalidInputException(root + ": cannot be read: " + e, e);
    }
    return FileTree.of(root + "/", files, folders, f -> Files.newInputStream(root.resolve(f)));
  }

  private static String relative(Path root, Path file) {
    return root.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
  }
}
