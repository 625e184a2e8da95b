package dev.mlit.data;

import dev.mlit.spec.text.NumberRule;
import java.util.Locale;
import java.util.Objects;

/**
 * Labelled images whose bytes lie one after the other in memory.
 *
 * @since 0.1.0
 */
public final class MemorySplit implements Split {
  private final byte[] pixels;
  private final int[] labels;
  private final int bytesPerImage;

  /**
   * Keeps the two arrays, without a copy: leave them unchanged from here on.
   *
   * @param pixels the unsigned bytes of all images (image, row, column, channel)
   * @param labels the class of every image, 0 or above
   * @param bytesPerImage height * width * channels, at least 1
   * @throws IllegalArgumentException if {@code pixels} is not {@code bytesPerImage} bytes for every
   *     label, or a label is negative
   */
  public MemorySplit(byte[] pixels, int[] labels, int bytesPerImage) {
    NumberRule.atLeast(1).require("bytesPerImage", bytesPerImage);
    long bytes = (long) labels.length * bytesPerImage;
    if (pixels.length != bytes) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d bytes of pixels, must be %d for %d labels and %d bytes per image",
              pixels.length,
              bytes,
              labels.length,
              bytesPerImage));
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0) {
        throw new IllegalArgumentException(
            "label " + labels[i] + " of image " + i + " must be at least 0");
      }
    }
    this.pixels = pixels;
    this.labels = labels;
    this.bytesPerImage = bytesPerImage;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public void pixels(int index, byte[] target, int offset) {
    Objects.checkIndex(index, labels.length);
    System.arraycopy(pixels, index * bytesPerImage, target, offset, bytesPerImage);
  }
}
