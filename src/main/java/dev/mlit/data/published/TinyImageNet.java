package dev.mlit.data.published;

import dev.mlit.data.Dataset;
import dev.mlit.data.FileTree;
import dev.mlit.data.ImageFileDataset;
import dev.mlit.data.ImageFolder;
import dev.mlit.data.LabelledFiles;
import dev.mlit.data.ReadOptions;
import dev.mlit.spec.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * <a href="http://cs231n.stanford.edu/tiny-imagenet-200.zip">Tiny ImageNet</a>: 100,000 images to
 * train on and 10,000 to test on, 64x64 RGB, in 200 classes, which are in the order of their
 * WordNet numbers.
 *
 * <p>What is tested on is the published validation part, as the labels of the test part are not
 * published.
 *
 * @since 0.1.0
 */
public final class TinyImageNet {
  private static final String ANNOTATIONS = "val/val_annotations.txt";
  private static final String VAL_IMAGES = "val/images/";

  private TinyImageNet() {}

  /**
   * Reads the dataset.
   *
   * @param path tiny-imagenet-200.zip, or a folder that holds it or its content
   * @throws InvalidInputException if a file is missing or is not what it should be
   */
  public static Dataset read(Path path, ReadOptions options) {
    FileTree tree = FileTree.open(path);
    if (!tree.hasFile(ANNOTATIONS) && tree.folders().size() == 1) {
      tree = tree.below(tree.folders().get(0));
    }
    List<String> classes = tree.below("train").folders();
    if (classes.isEmpty()) {
      String name = tree.name("");
      throw new InvalidInputException(
          advice ->
              name
                  + ": has no folders train/WNID/images; "
                  + DataDirectory.howToGet("tiny-imagenet").text(advice));
    }
    return ImageFileDataset.of(
        "tiny-imagenet",
        names(tree, classes),
        train(tree, classes),
        Optional.empty(),
        validation(tree, classes),
        options);
  }

  private static LabelledFiles train(FileTree tree, List<String> classes) {
    List<String> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (int label = 0; label < classes.size(); label++) {
      String folder = "train/" + classes.get(label) + "/images";
      int before = files.size();
      for (String file : tree.below(folder).files()) {
        if (ImageFolder.isImage(file)) {
          files.add(folder + "/" + file);
          labels.add(label);
        }
      }
      if (files.size() == before) {
        throw new InvalidInputException(tree.name(folder) + ": has no image (.JPEG)");
      }
    }
    return new LabelledFiles(tree, files, labels);
  }

  private static LabelledFiles validation(FileTree tree, List<String> classes) {
    Map<String, Integer> indices = new HashMap<>();
    classes.forEach(name -> indices.put(name, indices.size()));
    List<String> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    List<String> lines = tree.lines(ANNOTATIONS);
    for (int i = 0; i < lines.size(); i++) {
      String place = tree.name(ANNOTATIONS) + ":" + (i + 1);
      String[] fields = lines.get(i).split("\t", -1);
      if (fields.length < 2) {
        throw new InvalidInputException(place + ": must be an image and a WNID, tabs between");
      }
      Integer label = indices.get(fields[1]);
      if (label == null) {
        throw new InvalidInputException(place + ": " + fields[1] + " is not a folder of train");
      }
      String file = VAL_IMAGES + fields[0];
      if (!tree.hasFile(file)) {
        throw new InvalidInputException(place + ": there is no " + tree.name(file));
      }
      files.add(file);
      labels.add(label);
    }
    requireAllLabelled(tree, files);
    return new LabelledFiles(tree, files, labels);
  }

  private static void requireAllLabelled(FileTree tree, List<String> files) {
    Set<String> labelled = new HashSet<>(files);
    for (String file : tree.below("val/images").files()) {
      if (ImageFolder.isImage(file) && !labelled.contains(VAL_IMAGES + file)) {
        throw new InvalidInputException(
            tree.name(ANNOTATIONS) + ": has no line for " + file + "; the file is truncated");
      }
    }
    if (files.isEmpty()) {
      throw new InvalidInputException(tree.name(ANNOTATIONS) + ": is empty");
    }
  }

  /** The first name of every class; the WNID too where two classes have the same. */
  private static List<String> names(FileTree tree, List<String> classes) {
    Map<String, String> words = new HashMap<>();
    for (String line : tree.lines("words.txt")) {
      String[] fields = line.split("\t", 2);
      if (fields.length == 2) {
        words.put(fields[0], fields[1].split(",", 2)[0].strip());
      }
    }
    Map<String, Integer> count = new HashMap<>();
    for (String wnid : classes) {
      if (!words.containsKey(wnid)) {
        throw new InvalidInputException(tree.name("words.txt") + ": has no line for " + wnid);
      }
      count.merge(words.getOrDefault(wnid, wnid), 1, Integer::sum);
    }
    return classes.stream()
        .map(
            wnid -> {
              String name = words.getOrDefault(wnid, wnid);
              return count.getOrDefault(name, 1) > 1 ? name + " (" + wnid + ")" : name;
            })
        .toList();
  }
}
