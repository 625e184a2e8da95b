package dev.mlit.data.image;

import dev.mlit.spec.InvalidInputException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadata;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;

/**
 * The screen of a GIF, on which its first frame is a part or the whole. What the frame leaves of it
 * is transparent if the frame has a transparent colour, or else of the frame's first colour, as in
 * Pillow; a frame that reaches beyond the screen makes it larger.
 *
 * @param width in pixels
 * @param height in pixels
 * @param left where the frame begins
 * @param top where the frame begins
 */
record GifScreen(int width, int height, int left, int top) {
  /** With fewer rows, one of the four passes is empty. */
  private static final int LEAST_INTERLACED = 5;

  /**
   * The screen of an image that is about to be read.
   *
   * @param name names the image in messages
   * @return null if its format is not GIF
   * @throws InvalidInputException if it is interlaced and has 2 to 4 rows: Java's reader takes a
   *     row for a pass that has none
   */
  static @Nullable GifScreen of(String name, ImageReader reader) throws IOException {
    if (!reader.getFormatName().toLowerCase(Locale.ROOT).equals("gif")) {
      return null;
    }
    NamedNodeMap screen = node(reader.getStreamMetadata(), "LogicalScreenDescriptor");
    NamedNodeMap frame = node(reader.getImageMetadata(0), "ImageDescriptor");
    int rows = reader.getHeight(0);
    boolean interlaced = Boolean.parseBoolean(value(frame, "interlaceFlag"));
    if (interlaced && rows > 1 && rows < LEAST_INTERLACED) {
      throw new InvalidInputException(
          name + ": an interlaced GIF of " + rows + " rows, must have 1, 5 or more");
    }
    int left = number(frame, "imageLeftPosition");
    int top = number(frame, "imageTopPosition");
    return new GifScreen(
        Math.max(number(screen, "logicalScreenWidth"), left + reader.getWidth(0)),
        Math.max(number(screen, "logicalScreenHeight"), top + rows),
        left,
        top);
  }

  /** The screen with a frame on it. */
  BufferedImage with(BufferedImage frame) {
    if (frame.getWidth() == width && frame.getHeight() == height) {
      return frame;
    }
    if (!(frame.getColorModel() instanceof IndexColorModel colors)) {
      throw new IllegalArgumentException("a GIF without a palette");
    }
    WritableRaster pixels = frame.getRaster().createCompatibleWritableRaster(width, height);
    int transparent = colors.getTransparentPixel();
    if (transparent > 0) {
      int[] row = new int[width];
      Arrays.fill(row, transparent);
      for (int y = 0; y < height; y++) {
        pixels.setSamples(0, y, width, 1, 0, row);
      }
    }
    pixels.setRect(left, top, frame.getRaster());
    return new BufferedImage(colors, pixels, false, null);
  }

  private static NamedNodeMap node(IIOMetadata metadata, String name) {
    Node root = metadata.getAsTree(metadata.getNativeMetadataFormatName());
    for (Node node = root.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node.getNodeName().equals(name)) {
        return node.getAttributes();
      }
    }
    throw new IllegalArgumentException("a GIF without " + name);
  }

  private static int number(NamedNodeMap attributes, String name) {
    return Integer.parseInt(value(attributes, name));
  }

  private static String value(NamedNodeMap attributes, String name) {
    return attributes.getNamedItem(name).getNodeValue();
  }
}
