package dev.mlit.data;

import dev.mlit.data.image.ImageFile;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ImageShape.Orientation;
import dev.mlit.spec.InvalidInputException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Image files with the class of each.
 *
 * @param tree where they lie
 * @param files their names in the tree
 * @param labels the class of every file
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public record LabelledFiles(FileTree tree, List<String> files, List<Integer> labels) {
  public LabelledFiles {
    files = List.copyOf(files);
    labels = List.copyOf(labels);
    if (files.size() != labels.size()) {
      throw new IllegalArgumentException(files.size() + " files, " + labels.size() + " labels");
    }
  }

  public int size() {
    return files.size();
  }

  /** The path of a file in the folder or archive that was opened. */
  public String path(int index) {
    return tree.path(files.get(index));
  }

  /** These files without those of some paths. */
  LabelledFiles without(Set<String> paths) {
    return paths.isEmpty() ? this : chosen(index -> !paths.contains(path(index)));
  }

  /** Some of the files, given by their numbers, in their order here. */
  LabelledFiles chosen(int[] indices) {
    List<String> names = new ArrayList<>();
    List<Integer> classes = new ArrayList<>();
    for (int index : indices) {
      names.add(files.get(index));
      classes.add(labels.get(index));
    }
    return new LabelledFiles(tree, names, classes);
  }

  private LabelledFiles chosen(IntPredicate which) {
    return chosen(IntStream.range(0, size()).filter(which).toArray());
  }

  /**
   * The size of one of the images, as it is stored.
   *
   * @throws InvalidInputException if the file cannot be read
   */
  public ImageShape shape(int index) {
    return ImageFile.shape(decode(index, Orientation.STORED));
  }

  /**
   * Decodes an image.
   *
   * @param orientation which side is up
   * @throws InvalidInputException if the file cannot be read
   */
  BufferedImage decode(int index, Orientation orientation) {
    String file = files.get(index);
    try (InputStream in = tree.open(file)) {
      return ImageFile.decode(tree.name(file), in, ImageFile.MOST_PIXELS, orientation);
    } catch (IOException e) {
      throw InvalidInputException.unreadable(tree.name(file), e);
    }
  }
}
