package dev.mlit.train;

import dev.mlit.data.Split;
import dev.mlit.spec.ImageShape;
import java.util.List;

/**
 * Some images side by side in one, row by row, with a gap between them.
 *
 * @param height in pixels
 * @param width in pixels
 * @param pixels row, column, channel
 */
record ImageGrid(int height, int width, byte[] pixels) {
  private static final int GAP = 2;

  /**
   * Lays out images of a split.
   *
   * @param shape of every image
   * @param images their numbers, at least one
   * @param columns in a row
   */
  static ImageGrid of(Split split, ImageShape shape, List<Integer> images, int columns) {
    int rows = (images.size() + columns - 1) / columns;
    int height = rows * (shape.height() + GAP) - GAP;
    int width = columns * (shape.width() + GAP) - GAP;
    byte[] grid = new byte[height * width * shape.channels()];
    byte[] image = new byte[shape.values()];
    int line = shape.width() * shape.channels();
    for (int i = 0; i < images.size(); i++) {
      split.pixels(images.get(i), image, 0);
      int top = i / columns * (shape.height() + GAP);
      int left = i % columns * (shape.width() + GAP);
      for (int y = 0; y < shape.height(); y++) {
        int target = ((top + y) * width + left) * shape.channels();
        System.arraycopy(image, y * line, grid, target, line);
      }
    }
    return new ImageGrid(height, width, grid);
  }
}
