package dev.mlit.train;

/**
 * What an encoder says of labelled images.
 *
 * @param values [images, width], one row after the other
 * @param width numbers of an image
 * @param labels the classes, counted from 0
 */
record Features(float[] values, int width, int[] labels) {
  /** The number of images. */
  int size() {
    return labels.length;
  }
}
