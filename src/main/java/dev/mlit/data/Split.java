package dev.mlit.data;

import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * One part of a dataset, such as its training images: labelled images, counted from 0.
 *
 * <p>Any number of threads may read at once, and reading the same image twice gives the same bytes.
 *
 * @since 0.1.0
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
   * after; {@link Dataset#shape} says how many.
   *
   * @throws IndexOutOfBoundsException unless 0 &lt;= {@code index} &lt; {@link #size} and the image
   *     fits in {@code target}
   */
  void pixels(int index, byte[] target, int offset);

  /**
   * Makes reading fast, where that takes memory and time: a part of a dataset of image files is
   * decoded and kept here, if it fits; damage is found then. Does nothing unless overridden; images
   * can be read without it.
   *
   * @param progress gets the number of images that are done now and then, on the calling thread
   * @throws dev.mlit.spec.InvalidInputException if an image cannot be read
   */
  default void load(IntConsumer progress) {}

  /**
   * Whether reading an image takes so long that others should be read meanwhile, by other threads;
   * false unless overridden.
   */
  default boolean slow() {
    return false;
  }

  /**
   * The file that an image is read from: its path in the folder or archive, such as {@code
   * test/cat/12.png}. Empty unless overridden: an image may have no file of its own.
   *
   * @throws IndexOutOfBoundsException unless 0 &lt;= {@code index} &lt; {@link #size}
   */
  default Optional<String> file(int index) {
    Objects.checkIndex(index, size());
    return Optional.empty();
  }
}
