package dev.mlit.data.image;

import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * The formats of image files, and their readers. WebP and TIFF are known by their first bytes and
 * get the reader that agrees with Pillow, whatever else is registered in the process.
 */
final class Formats {
  /** For messages. */
  static final String NAMES = "PNG, JPEG, GIF, BMP, WebP or TIFF";

  private static final Set<String> REGISTERED = Set.of("png", "jpeg", "gif", "bmp");

  /** Where the header of an extended WebP says what it has (RIFF container, VP8X). */
  private static final int WEBP_FLAGS = 20;

  private static final int WEBP_ANIMATION = 0b10;

  private Formats() {}

  /**
   * A reader for an image; its input is still to be set.
   *
   * @param name names the image in messages
   * @param stream at the beginning, where it stays
   * @throws InvalidInputException if it is of no format that is read
   */
  static ImageReader reader(String name, ImageInputStream stream) throws IOException {
    byte[] head = new byte[WEBP_FLAGS + 1];
    stream.mark();
    int read = 0;
    for (int n = 0; n >= 0 && read < head.length; read += Math.max(n, 0)) {
      n = stream.read(head, read, head.length - read);
    }
    stream.reset();
    if (isWebp(head)) {
      if (text(head, 12, 4).equals("VP8X") && (head[WEBP_FLAGS] & WEBP_ANIMATION) != 0) {
        throw new InvalidInputException(name + ": an animated WebP, must be a still image");
      }
      return new WebPImageReaderSpi().createReaderInstance(null);
    }
    if (isTiff(head)) {
      return new TIFFImageReaderSpi().createReaderInstance(null);
    }
    Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
    while (readers.hasNext()) {
      ImageReader reader = readers.next();
      // ImageIO knows more formats; one of them, WBMP, has so short a signature that other files
      // pass for it.
      if (REGISTERED.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
        return reader;
      }
      reader.dispose();
    }
    throw new InvalidInputException(name + ": not an image that can be read (" + NAMES + ")");
  }

  private static boolean isWebp(byte[] head) {
    return text(head, 0, 4).equals("RIFF") && text(head, 8, 4).equals("WEBP");
  }

  private static boolean isTiff(byte[] head) {
    String start = text(head, 0, 4);
    return start.equals("II*\0") || start.equals("MM\0*");
  }

  private static String text(byte[] head, int first, int length) {
    return new String(head, first, length, StandardCharsets.ISO_8859_1);
  }
}
