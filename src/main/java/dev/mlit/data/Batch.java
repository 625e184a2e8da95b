package dev.mlit.data;

/**
 * Some labelled images that go through a model together.
 *
 * @since 0.1.0
 */
public final class Batch {
  private final byte[] pixels;
  private final int[] labels;
  private final int whole;

  Batch(byte[] pixels, int[] labels, int whole) {
    this.pixels = pixels;
    this.labels = labels;
    this.whole = whole;
  }

  /** The number of images, at least 1; 0 or above in a worker's share. */
  public int size() {
    return labels.length;
  }

  /**
   * The number of images of the batch that all workers share; {@link #size} without other workers.
   */
  public int whole() {
    return whole;
  }

  /**
   * The unsigned bytes of all images (image, row, column, channel); exactly as long as they are.
   * The batch's own array: no other batch uses it, so it may be changed, to augment images in
   * place.
   */
  public byte[] pixels() {
    return pixels;
  }

  /** The class of every image; the batch's own array. */
  public int[] labels() {
    return labels;
  }
}
