package dev.mlit.data.image;

import dev.mlit.spec.ImageShape;

/**
 * An image that is read row by row, so that a large one need not be copied as a whole.
 *
 * @since 0.1.0
 */
public interface PixelRows {
  int height();

  int width();

  /** 1 for gray, 3 for RGB. */
  int channels();

  /** Writes the {@code width * channels} unsigned bytes of row {@code y}. */
  void row(int y, byte[] target);

  /** The rows of an image that is unsigned bytes already. */
  static PixelRows of(byte[] pixels, ImageShape shape) {
    return new PixelRows() {
      @Override
      public int height() {
        return shape.height();
      }

      @Override
      public int width() {
        return shape.width();
      }

      @Override
      public int channels() {
        return shape.channels();
      }

      @Override
      public void row(int y, byte[] target) {
        int length = shape.width() * shape.channels();
        System.arraycopy(pixels, y * length, target, 0, length);
      }
    };
  }
}
