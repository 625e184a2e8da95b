package dev.mlit.data.image;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;

/**
 * Turns an image so that it is upright. The numbers are those of EXIF 2.3, tag 274, and of TIFF
 * 6.0: which side of the scene the first row and the first column show.
 */
final class UprightTurn {
  /** The number of an image that is upright. */
  static final int UPRIGHT = 1;

  private static final int LEFT_TOP = 5;

  private UprightTurn() {}

  /**
   * The image upright; samples are moved, not changed.
   *
   * @param orientation 1 to 8; 1 is upright
   */
  static BufferedImage of(BufferedImage image, int orientation) {
    if (orientation == UPRIGHT) {
      return image;
    }
    int width = image.getWidth();
    int height = image.getHeight();
    boolean transposed = orientation >= LEFT_TOP;
    WritableRaster turned =
        image
            .getRaster()
            .createCompatibleWritableRaster(
                transposed ? height : width, transposed ? width : height);
    Object pixel = null;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        pixel = image.getRaster().getDataElements(x, y, pixel);
        int right = width - 1 - x;
        int low = height - 1 - y;
        switch (orientation) {
          case 2 -> turned.setDataElements(right, y, pixel);
          case 3 -> turned.setDataElements(right, low, pixel);
          case 4 -> turned.setDataElements(x, low, pixel);
          case 5 -> turned.setDataElements(y, x, pixel);
          case 6 -> turned.setDataElements(low, x, pixel);
          case 7 -> turned.setDataElements(low, right, pixel);
          case 8 -> turned.setDataElements(y, right, pixel);
          default -> throw new IllegalArgumentException("orientation " + orientation);
        }
      }
    }
    return new BufferedImage(image.getColorModel(), turned, image.isAlphaPremultiplied(), null);
  }
}
