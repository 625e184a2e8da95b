package dev.mlit.data;

/**
 * One part of a dataset, such as its training images: labelled images, counted from 0.
 *
 * <p>Any number of threads may read at once, and reading the same image twice gives the same bytes.
 */
public interface Split {
  /** The number of images. */
  int size();

  /**
   * The class of an image, from 0 up to but not including the number of classes.
   *
   * @throws IndexOutOfBoundsException unless 0 &lt;= {@code index} &lt; {@link #size}
   */
  int label(int index);

  /**
   * Copies the unsigned bytes of an image (row, column, channel) to {@code target[offset]} and
   * after; how many is for {@link Dataset#shape} to say.
   *
   * @throws IndexOutOfBoundsException unless 0 &lt;= {@code index} &lt; {@link #size} and the image
   *     fits in {@code target}
   */
  void pixels(int index, byte[] target, int offset);
}
