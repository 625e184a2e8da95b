package dev.mlit.data.published;

import dev.mlit.data.FileTree;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Recognises a published dataset by the files that lie at a path, so that nobody need say which it
 * is.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class PublishedLayout {
  /** A file that only one dataset has. */
  private record Mark(String file, String dataset) {}

  private static final List<Mark> MARKS =
      List.of(
          new Mark("setid.mat", "flowers102"),
          new Mark("102flowers.tgz", "flowers102"),
          new Mark("wnids.txt", "tiny-imagenet"),
          new Mark("data_batch_1.bin", "cifar10"),
          new Mark("cifar-10-binary.tar.gz", "cifar10"),
          new Mark("fine_label_names.txt", "cifar100"),
          new Mark("cifar-100-binary.tar.gz", "cifar100"),
          new Mark("train_32x32.mat", "svhn"),
          new Mark("train-images-idx3-ubyte", "mnist"),
          new Mark("train-images-idx3-ubyte.gz", "mnist"));

  private PublishedLayout() {}

  /**
   * The name of the dataset whose files are in a folder or an archive; empty if it is none that is
   * known. Digits and clothes have files of the same names: clothes are recognised by a path that
   * says fashion.
   *
   * @throws InvalidInputException if the path cannot be read
   */
  public static Optional<String> of(Path path) {
    return names(path).stream()
        .flatMap(name -> MARKS.stream().filter(mark -> mark.file.equals(name)))
        .map(Mark::dataset)
        .map(dataset -> dataset.equals("mnist") && isFashion(path) ? "fashion-mnist" : dataset)
        .findFirst();
  }

  private static boolean isFashion(Path path) {
    return path.toAbsolutePath().toString().toLowerCase(Locale.ROOT).contains("fashion");
  }

  /** The names of the files at the top; for a .tar.gz, which would have to be unpacked, its own. */
  private static List<String> names(Path path) {
    if (Files.isDirectory(path)) {
      try (Stream<Path> files = Files.list(path)) {
        return files.map(file -> String.valueOf(file.getFileName())).toList();
      } catch (IOException e) {
        throw InvalidInputException.unreadable(path, e);
      }
    }
    String name = String.valueOf(path.getFileName());
    if (!name.toLowerCase(Locale.ROOT).endsWith(".zip") || !Files.exists(path)) {
      return List.of(name);
    }
    FileTree tree = FileTree.open(path);
    List<String> folders = tree.folders();
    FileTree top = folders.size() == 1 ? tree.below(folders.get(0)) : tree;
    return Stream.concat(tree.files().stream(), top.files().stream())
        .filter(file -> file.indexOf('/') < 0)
        .toList();
  }
}
