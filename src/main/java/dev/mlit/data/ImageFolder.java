package dev.mlit.data;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.Printable;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Your own images, or any dataset that is published as one folder for every class, in a folder, a
 * zip or a .tar.gz:
 *
 * <ul>
 *   <li>{@code train/CLASS/*.jpg} and {@code test/CLASS/*.jpg}, or {@code training} and {@code
 *       testing}; {@code val}, {@code valid} or {@code validation} beside them is the validation
 *       part, and takes the place of a missing {@code test};
 *   <li>{@code test/CLASS/*.jpg} and nothing else: images to test on, and none to train on;
 *   <li>{@code CLASS/*.jpg} without that: a fraction of every class is kept for the test, always
 *       the same files (see {@link ReadOptions#testFraction}).
 * </ul>
 *
 * <p>Classes are in the order of their folders' names. Images may lie deeper in the folder of their
 * class. What is read are PNG, JPEG, GIF, BMP, WebP and TIFF files of any size, known by how their
 * names end; the log says which other files are left out. Folders around all of this are skipped.
 *
 * @since 0.1.0
 */
public final class ImageFolder {
  /** The endings of what is read, for messages. */
  static final String READ = ".jpg, .jpeg, .png, .gif, .bmp, .webp, .tif or .tiff";

  private static final Logger LOG = LoggerFactory.getLogger(ImageFolder.class);
  private static final List<String> ENDINGS =
      List.of(".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff");
  private static final String IMAGE = "image (" + READ + ")";
  private static final List<String> TRAIN = List.of("train", "training");
  private static final List<String> TEST = List.of("test", "testing");
  private static final List<String> VALIDATION = List.of("val", "valid", "validation");

  private ImageFolder() {}

  /**
   * Reads a dataset with the default options.
   *
   * @param name what users call it
   * @param path a folder, or a .zip, .tgz or .tar.gz of one
   * @throws InvalidInputException if it cannot be read, a class has no images, or there are fewer
   *     than two classes
   */
  public static Dataset read(String name, Path path) {
    return read(name, path, ReadOptions.DEFAULT);
  }

  /**
   * Reads a dataset.
   *
   * @param name what users call it
   * @param path a folder, or a .zip, .tgz or .tar.gz of one
   * @throws InvalidInputException if it cannot be read, a class has no images, or there are fewer
   *     than two classes
   */
  public static Dataset read(String name, Path path, ReadOptions options) {
    FileTree tree = unwrapped(FileTree.open(path));
    Parts parts = parts(tree, options);
    LeftOut.lines(tree, parts.files(tree)).forEach(line -> LOG.warn("{}: {}", name, line));
    return ImageFileDataset.of(
        name, parts.labels, parts.train, parts.validation, parts.test, options);
  }

  /** The images of each part, with their classes. */
  private record Parts(
      List<String> labels,
      LabelledFiles train,
      Optional<LabelledFiles> validation,
      LabelledFiles test) {
    /** The names in a tree of all that is read. */
    Set<String> files(FileTree tree) {
      Set<String> files = new HashSet<>();
      Stream.of(Optional.of(train), validation, Optional.of(test))
          .flatMap(Optional::stream)
          .forEach(part -> part.files().forEach(f -> files.add(part.tree().nameIn(tree, f))));
      return files;
    }
  }

  private static Parts parts(FileTree tree, ReadOptions options) {
    String train = folder(tree, TRAIN);
    if (train != null) {
      return split(tree, train);
    }
    String test = onlyPart(tree);
    return test == null ? heldOut(tree, options) : onlyTest(tree.below(test));
  }

  private static Parts split(FileTree tree, String train) {
    String test = folder(tree, TEST);
    String validation = folder(tree, VALIDATION);
    String tested = test == null ? validation : test;
    if (tested == null) {
      throw new InvalidInputException(
          tree.name("")
              + ": has "
              + train
              + "/ but none of "
              + String.join("/, ", TEST)
              + "/, "
              + String.join("/, ", VALIDATION)
              + "/");
    }
    FileTree trainTree = tree.below(train);
    List<String> labels = classes(trainTree);
    return new Parts(
        labels,
        all(trainTree, labels),
        test == null || validation == null
            ? Optional.empty()
            : Optional.of(part(tree.below(validation), trainTree, labels)),
        part(tree.below(tested), trainTree, labels));
  }

  /** The folder of the test part if there is no other part; null otherwise. */
  private static @Nullable String onlyPart(FileTree tree) {
    List<String> folders = tree.folders();
    boolean only = folders.size() == 1 && !tree.below(folders.get(0)).folders().isEmpty();
    return only ? folder(tree, TEST) : null;
  }

  private static Parts onlyTest(FileTree tree) {
    List<String> labels = classes(tree);
    LabelledFiles none = new LabelledFiles(tree, List.of(), List.of());
    return new Parts(labels, none, Optional.empty(), all(tree, labels));
  }

  /** The images of a part, whose classes are some or all of those of the training images. */
  private static LabelledFiles part(FileTree tree, FileTree train, List<String> labels) {
    for (String label : tree.folders()) {
      if (!labels.contains(label)) {
        throw new InvalidInputException(
            tree.name(label)
                + ": is not one of the classes in "
                + train.name("")
                + labels.stream()
                    .filter(known -> composed(known).equals(composed(label)))
                    .findFirst()
                    .map(
                        known ->
                            "; it looks like one, whose letters are written in other Unicode"
                                + " characters (NFC and NFD): rename one of the folders")
                    .orElse(""));
      }
    }
    LabelledFiles part = all(tree, labels);
    if (part.size() == 0) {
      throw new InvalidInputException(tree.name("") + ": has no " + IMAGE);
    }
    return part;
  }

  private static String composed(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFC);
  }

  private static LabelledFiles all(FileTree tree, List<String> labels) {
    List<String> files = new ArrayList<>();
    List<Integer> indices = new ArrayList<>();
    for (int label = 0; label < labels.size(); label++) {
      for (String file : images(tree, labels.get(label))) {
        files.add(file);
        indices.add(label);
      }
    }
    return new LabelledFiles(tree, files, indices);
  }

  private static Parts heldOut(FileTree tree, ReadOptions options) {
    List<String> labels = classes(tree);
    List<String> train = new ArrayList<>();
    List<Integer> trainLabels = new ArrayList<>();
    List<String> test = new ArrayList<>();
    List<Integer> testLabels = new ArrayList<>();
    for (int label = 0; label < labels.size(); label++) {
      List<String> files = images(tree, labels.get(label));
      Set<String> kept = HeldOut.of(files, options.testFraction());
      for (String file : files) {
        boolean isKept = kept.contains(file);
        (isKept ? test : train).add(file);
        (isKept ? testLabels : trainLabels).add(label);
      }
    }
    LOG.info(
        "{}: has no test/, so {} of {} images are kept for the test (a share of {} of every class)",
        tree.name(""),
        test.size(),
        train.size() + test.size(),
        options.testFraction());
    return new Parts(
        labels,
        new LabelledFiles(tree, train, trainLabels),
        Optional.empty(),
        new LabelledFiles(tree, test, testLabels));
  }

  private static List<String> classes(FileTree tree) {
    List<String> labels = tree.folders();
    if (labels.size() < 2) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: %d class folders, must be at least 2: train/CLASS/*.jpg and test/CLASS/*.jpg,"
                  + " or CLASS/*.jpg",
              tree.name(""),
              labels.size()));
    }
    Map<String, String> forms = new HashMap<>();
    for (String label : labels) {
      requireLabel(tree.name(label), label);
      String same = forms.put(composed(label), label);
      if (same != null) {
        throw new InvalidInputException(
            tree.name(label)
                + ": has the same name as another class, whose letters are written in other"
                + " Unicode characters (NFC and NFD): put their images into one folder, or rename"
                + " one of them");
      }
      if (images(tree, label).isEmpty()) {
        throw new InvalidInputException(tree.name(label) + ": has no " + IMAGE);
      }
    }
    return labels;
  }

  /** A model's labels are lines of a file, and are shown to people. */
  private static void requireLabel(String place, String label) {
    if (!Printable.isLine(label)) {
      throw new InvalidInputException(place + ": the name of a class folder " + Printable.RULE);
    }
  }

  /** The images of a class, sorted by name. */
  private static List<String> images(FileTree tree, String label) {
    String start = label + "/";
    List<String> images = new ArrayList<>();
    for (String file : tree.files().tailSet(start)) {
      if (!file.startsWith(start)) {
        break;
      }
      if (isImage(file)) {
        images.add(file);
      }
    }
    return images;
  }

  public static boolean isImage(String file) {
    String name = file.toLowerCase(Locale.ROOT);
    return ENDINGS.stream().anyMatch(name::endsWith);
  }

  /** The tree below outer folders that hold only one folder of folders, as in many archives. */
  static FileTree unwrapped(FileTree tree) {
    List<String> folders = tree.folders();
    if (folders.size() != 1 || tree.files().stream().anyMatch(file -> isImage(file, 2))) {
      return tree;
    }
    FileTree below = tree.below(folders.get(0));
    return below.folders().isEmpty() || folder(tree, TRAIN) != null || folder(tree, TEST) != null
        ? tree
        : unwrapped(below);
  }

  private static boolean isImage(String file, int mostParts) {
    return isImage(file) && file.split("/", -1).length <= mostParts;
  }

  /** The folder of the first of these names that is there, whatever its case. */
  private static @Nullable String folder(FileTree tree, List<String> names) {
    for (String name : names) {
      for (String folder : tree.folders()) {
        if (folder.equalsIgnoreCase(name)) {
          return folder;
        }
      }
    }
    return null;
  }
}
