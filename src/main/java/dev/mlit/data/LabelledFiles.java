package dev.mlit.data;

import dev.mlit.data.image.ImageFile;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
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

  int size() {
    return files.size();
  }

  /** The size of one of the images. */
  ImageShape shape(int index) {
    return ImageFile.shape(decode(index));
  }

  /**
   * Decodes an image.
   *
   * @throws InvalidInputException if the file cannot be read
   */
  BufferedImage decode(int index) {
    String file = files.get(index);
    try (InputStream in = tree.open(file)) {
      return ImageFile.decode(tree.name(file), in);
    } catch (IOException e) {
      throw InvalidInputException.unreadable(tree.name(file), e);
    }
  }
}
