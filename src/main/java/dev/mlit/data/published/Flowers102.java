package dev.mlit.data.published;

import dev.mlit.data.Dataset;
import dev.mlit.data.FileTree;
import dev.mlit.data.FolderFiles;
import dev.mlit.data.ImageFileDataset;
import dev.mlit.data.LabelledFiles;
import dev.mlit.data.ReadOptions;
import dev.mlit.data.TarFiles;
import dev.mlit.data.image.BoundedStream;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.FileProblem;
import dev.mlit.spec.text.OptionalLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * <a href="https://www.robots.ox.ac.uk/~vgg/data/flowers/102/">Oxford Flowers-102</a>: 8,189 photos
 * of flowers, RGB, of many sizes, in 102 classes.
 *
 * <p>The split is the published one: the 1,020 images of {@code trnid} to train on, the 1,020 of
 * {@code valid} to validate on, or to train on as well, and the 6,149 of {@code tstid} to test on.
 *
 * @since 0.1.0
 */
public final class Flowers102 {
  static final String ARCHIVE = "102flowers.tgz";
  private static final String IMAGES = "jpg";
  private static final int CLASSES = 102;
  private static final long MOST_MAT_BYTES = 1 << 20;

  private final FileTree images;
  private final List<Integer> labels;
  private final MatFile sets;

  private Flowers102(FileTree images, List<Integer> labels, MatFile sets) {
    this.images = images;
    this.labels = labels;
    this.sets = sets;
  }

  /**
   * Trains on {@code trnid}, 10 images of every class, and validates on {@code valid}, as many; on
   * none where a part of the dataset has no file of them.
   *
   * @param path a folder or a zip with imagelabels.mat, setid.mat and the folder jpg; or a folder
   *     with 102flowers.tgz in its place
   * @throws InvalidInputException if a file is missing or is not what it should be
   */
  public static Dataset read(Path path, ReadOptions options) {
    Flowers102 files = open(path);
    return files.dataset("flowers102", files.set("trnid"), files.validation(), options);
  }

  /**
   * Trains on {@code trnid} and {@code valid}, 20 images of every class.
   *
   * @param path as for {@link #read}
   * @throws InvalidInputException if a file is missing or is not what it should be
   */
  public static Dataset withValidation(Path path, ReadOptions options) {
    Flowers102 files = open(path);
    List<Integer> train = new ArrayList<>(files.set("trnid"));
    train.addAll(files.set("valid"));
    return files.dataset("flowers102-trainval", train, Optional.empty(), options);
  }

  private static Flowers102 open(Path path) {
    Path folder =
        Files.isRegularFile(path) && isTar(path) ? path.toAbsolutePath().getParent() : path;
    if (folder == null) {
      throw new InvalidInputException(path + ": must be a folder with the files of flowers102");
    }
    FileTree tree = matrices(folder);
    List<Integer> labels = labels(tree);
    MatFile sets = mat(tree, "setid.mat", "trnid", "valid", "tstid");
    FileTree images = tree;
    if (!tree.folders().contains(IMAGES)) {
      Path archive = folder.equals(path) ? folder.resolve(ARCHIVE) : path;
      if (!Files.exists(archive)) {
        throw new InvalidInputException(
            advice ->
                String.format(
                    Locale.ROOT,
                    "%s: has neither the folder %s nor %s; %s",
                    tree.name(""),
                    IMAGES,
                    ARCHIVE,
                    DataDirectory.howToGet("flowers102", folder).text(advice)));
      }
      OptionalLibrary.ARCHIVES.require("to read the archive " + archive);
      images = TarFiles.load(archive);
    }
    return new Flowers102(images, labels, sets);
  }

  private static boolean isTar(Path path) {
    String name = path.toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".tgz") || name.endsWith(".tar.gz");
  }

  /** What holds the two MATLAB files. */
  private static FileTree matrices(Path folder) {
    FileTree tree = Files.isDirectory(folder) ? FolderFiles.list(folder) : FileTree.open(folder);
    if (!tree.hasFile("imagelabels.mat") && tree.folders().size() == 1) {
      return tree.below(tree.folders().get(0));
    }
    if (!tree.hasFile("imagelabels.mat") && Files.isDirectory(folder)) {
      // A folder with nothing but a zip of it all.
      return FileTree.open(folder);
    }
    return tree;
  }

  private static List<Integer> labels(FileTree tree) {
    MatFile.Numbers numbers = mat(tree, "imagelabels.mat", "labels").numbers("labels");
    List<Integer> labels = new ArrayList<>();
    for (int i = 0; i < numbers.count(); i++) {
      labels.add(numbers.at(i, 1, CLASSES) - 1);
    }
    return labels;
  }

  private static MatFile mat(FileTree tree, String file, String... arrays) {
    if (!tree.hasFile(file)) {
      throw new InvalidInputException(
          advice ->
              tree.name("")
                  + ": has no file "
                  + file
                  + "; "
                  + DataDirectory.howToGet("flowers102").text(advice));
    }
    OptionalLibrary.MATLAB.require("to read the MATLAB file " + tree.name(file));
    Map<String, Long> most = new HashMap<>();
    for (String array : arrays) {
      most.put(array, MOST_MAT_BYTES);
    }
    try (InputStream in = tree.open(file)) {
      return MatFile.read(tree.name(file), in, BoundedStream.MOST_FILE_BYTES, most);
    } catch (IOException e) {
      throw InvalidInputException.unreadable(tree.name(file), e);
    }
  }

  /** Images of a set, counted from 1 as their files are. */
  private List<Integer> set(String name) {
    List<Integer> set = numbers(name);
    if (set.isEmpty()) {
      throw new InvalidInputException(sets.numbers(name) + " must have at least 1 image");
    }
    return set;
  }

  private List<Integer> numbers(String name) {
    MatFile.Numbers numbers = sets.numbers(name);
    List<Integer> set = new ArrayList<>();
    for (int i = 0; i < numbers.count(); i++) {
      set.add(numbers.at(i, 1, labels.size()));
    }
    return set;
  }

  /** The published part; none where somebody keeps only the images of the other two. */
  private Optional<LabelledFiles> validation() {
    List<Integer> set = numbers("valid");
    return set.stream().anyMatch(image -> images.hasFile(file(image)))
        ? Optional.of(files(set))
        : Optional.empty();
  }

  private Dataset dataset(
      String name, List<Integer> train, Optional<LabelledFiles> validation, ReadOptions options) {
    return ImageFileDataset.of(
        name, Labels.of("flowers102"), files(train), validation, files(set("tstid")), options);
  }

  private static String file(int image) {
    return String.format(Locale.ROOT, "%s/image_%05d.jpg", IMAGES, image);
  }

  private LabelledFiles files(List<Integer> set) {
    List<String> files = new ArrayList<>();
    List<Integer> indices = new ArrayList<>();
    for (int image : set) {
      String file = file(image);
      if (!images.hasFile(file)) {
        throw new InvalidInputException(FileProblem.missing(images.name(file)));
      }
      files.add(file);
      indices.add(labels.get(image - 1));
    }
    return new LabelledFiles(images, files, indices);
  }
}
