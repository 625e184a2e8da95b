package dev.mlit.train.step;

/**
 * The encoder's features of labelled images.
 *
 * @param values [images, width], one row after the other
 * @param width numbers of an image
 * @param labels the classes, counted from 0
 * @since 0.1.0
 */
public record Features(float[] values, int width, int[] labels) {
  /** The number of images. */
  public int size() {
    return labels.length;
  }
}
