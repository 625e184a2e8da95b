package dev.mlit.data.published;

import dev.mlit.data.LabelCheck;
import dev.mlit.data.MemorySplit;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import java.util.List;
import java.util.Locale;

/**
 * The content of an IDX file, the format of MNIST and its successors: an array of unsigned bytes
 * with one, two, three or more dimensions. {@link IdxReader} reads it.
 *
 * @since 0.1.0
 */
public final class Idx {
  private final String name;
  private final List<Integer> dimensions;
  private final byte[] values;

  Idx(String name, List<Integer> dimensions, byte[] values) {
    this.name = name;
    this.dimensions = List.copyOf(dimensions);
    this.values = values;
  }

  /** The file it comes from, for messages. */
  public String name() {
    return name;
  }

  /** The size of the array along each dimension, all at least 1; images come first. */
  public List<Integer> dimensions() {
    return dimensions;
  }

  /** The number of images, or of labels. */
  public int count() {
    return dimensions.get(0);
  }

  /** The values, the last dimension varying fastest; the array itself, so leave it unchanged. */
  public byte[] values() {
    return values;
  }

  /**
   * The shape of one of these images, which are gray.
   *
   * @throws IllegalStateException if this holds labels
   */
  public ImageShape imageShape() {
    requireImages();
    return new ImageShape(dimensions.get(1), dimensions.get(2), 1);
  }

  /**
   * These images with their labels.
   *
   * @param labels the label of every image, in the same order
   * @param classes the number of classes, which every label is below
   * @throws InvalidInputException if there is not one label for every image, or a label is not
   *     below {@code classes}
   * @throws IllegalStateException if this holds labels
   */
  public MemorySplit labelled(Idx labels, int classes) {
    requireImages();
    if (labels.count() != count()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: %d labels, must be %d, one for every image of %s",
              labels.name,
              labels.count(),
              count(),
              name));
    }
    int[] indices = new int[count()];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = labels.values[i] & 0xff;
      LabelCheck.requireBelow(classes, labels.name, indices[i], i);
    }
    return new MemorySplit(values, indices, imageShape().values());
  }

  private void requireImages() {
    if (dimensions.size() != 3) {
      throw new IllegalStateException(name + ": holds no images, its rank is " + dimensions.size());
    }
  }
}
