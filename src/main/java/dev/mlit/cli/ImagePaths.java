package dev.mlit.cli;

import dev.mlit.data.ArchiveEntries;
import dev.mlit.data.FileTree;
import dev.mlit.data.FolderFiles;
import dev.mlit.data.ImageFolder;
import dev.mlit.data.LeftOut;
import dev.mlit.savedmodel.ImageSource;
import dev.mlit.spec.InvalidInputException;
import java.io.FilterInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** The images behind a path: a file, a folder or archive of them, or standard input. */
final class ImagePaths {
  /** Standard input in place of a path. */
  static final String STANDARD_INPUT = "-";

  private final Consumer<String> notes;

  /**
   * Looks for images.
   *
   * @param notes gets a line about files that are left out
   */
  ImagePaths(Consumer<String> notes) {
    this.notes = notes;
  }

  /**
   * The images behind a path, those of a folder sorted by name. What cannot be listed is one source
   * that cannot be read.
   */
  List<ImageSource> of(Path path) {
    String name = path.toString();
    boolean folder = Files.isDirectory(path);
    if (!folder && !ArchiveEntries.isArchive(name)) {
      return List.of(ImageSource.of(path));
    }
    try {
      FileTree tree = folder ? FolderFiles.list(path) : FileTree.open(path);
      List<String> images = tree.files().stream().filter(ImageFolder::isImage).toList();
      LeftOut.lines(tree, images).forEach(line -> notes.accept(name + ": " + line));
      if (images.isEmpty()) {
        return List.of(broken(name, new InvalidInputException(name + ": holds no image")));
      }
      String start = name + (folder ? "/" : "!/");
      return images.stream()
          .map(file -> ImageSource.of(start + file, () -> tree.open(file)))
          .toList();
    } catch (InvalidInputException e) {
      return List.of(broken(name, e));
    }
  }

  private static ImageSource broken(String name, InvalidInputException problem) {
    return ImageSource.of(
        name,
        () -> {
          throw problem;
        });
  }

  /** The picture on standard input, which stays open. */
  static ImageSource standardInput() {
    return ImageSource.of(STANDARD_INPUT, () -> open(System.in));
  }

  private static InputStream open(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public void close() {
        // Not ours.
      }
    };
  }
}
