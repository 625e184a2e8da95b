package dev.mlit.insight;

import dev.mlit.spec.ImageShape;

/**
 * Some images side by side in one, row by row, with a gap between them.
 *
 * @param height in pixels
 * @param width in pixels
 * @param channels 1 for gray, 3 for RGB
 * @param pixels row, column, channel
 */
record ImageGrid(int height, int width, int channels, byte[] pixels) {
  private static final int GAP = 2;

  /**
   * Lays out images of one size.
   *
   * @param shape of every image
   * @param images at least one, one after the other: row, column, channel
   * @param columns in a row
   */
  static ImageGrid of(ImageShape shape, byte[] images, int columns) {
    int count = images.length / shape.values();
    int rows = (count + columns - 1) / columns;
    int height = rows * (shape.height() + GAP) - GAP;
    int width = columns * (shape.width() + GAP) - GAP;
    byte[] grid = new byte[height * width * shape.channels()];
    int line = shape.width() * shape.channels();
    for (int i = 0; i < count; i++) {
      int top = i / columns * (shape.height() + GAP);
      int left = i % columns * (shape.width() + GAP);
      for (int y = 0; y < shape.height(); y++) {
        int target = ((top + y) * width + left) * shape.channels();
        System.arraycopy(images, i * shape.values() + y * line, grid, target, line);
      }
    }
    return new ImageGrid(height, width, shape.channels(), grid);
  }
}
