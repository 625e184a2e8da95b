package dev.mlit.data.image;

import dev.mlit.spec.InvalidInputException;
import java.io.EOFException;
import java.io.IOException;
import java.util.Locale;
import javax.imageio.stream.ImageInputStream;

/**
 * Refuses images that are made to keep a program busy: a few kilobytes that take a reader of Java's
 * minutes or hours. Leaves the stream where it was.
 */
final class ImageCost {
  /** The most bytes of all comments and the like; the reader's time grows with their square. */
  private static final int MOST_GIF_EXTENSIONS = 1 << 16;

  /**
   * The most scans of a JPEG, each of which goes through the whole image; programs write about ten.
   */
  private static final int MOST_SCANS = 100;

  private static final int GIF_HEADER = 13;
  private static final int EXTENSION = 0x21;

  private static final int MARKER = 0xff;
  private static final int BASELINE = 0xc0;
  private static final int EXTENDED = 0xc1;
  private static final int START_OF_SCAN = 0xda;
  private static final int END_OF_IMAGE = 0xd9;
  private static final int FIRST_RESTART = 0xd0;

  /** The start of the image, and the restarts, are markers with nothing behind them. */
  private static final int START_OF_IMAGE = 0xd8;

  private final String name;
  private final ImageInputStream in;

  private ImageCost(String name, ImageInputStream in) {
    this.name = name;
    this.in = in;
  }

  /**
   * Checks an image before it is decoded; what else is wrong with it is for the decoder to say.
   *
   * @param name names it in messages
   * @param format as a reader calls it, in lower case
   */
  static void require(String name, String format, ImageInputStream in) throws IOException {
    long start = in.getStreamPosition();
    try {
      if (format.equals("gif")) {
        new ImageCost(name, in).gif();
      } else if (format.equals("jpeg")) {
        new ImageCost(name, in).jpeg();
      }
    } catch (EOFException e) {
      // Truncated: the decoder says how.
      in.seek(start);
    }
    in.seek(start);
  }

  /** Header, colours, then extensions and their blocks, to the first image (GIF89a). */
  private void gif() throws IOException {
    in.skipBytes(GIF_HEADER - 3);
    int flags = in.readUnsignedByte();
    int colors = (flags & 0x80) == 0 ? 0 : 3 * (2 << (flags & 7));
    in.skipBytes(2 + colors);
    long extensions = 0;
    while (in.readUnsignedByte() == EXTENSION) {
      in.readUnsignedByte();
      for (int block = in.readUnsignedByte(); block > 0; block = in.readUnsignedByte()) {
        extensions += block;
        in.skipBytes(block);
        if (extensions > MOST_GIF_EXTENSIONS) {
          throw new InvalidInputException(
              String.format(
                  Locale.ROOT,
                  "%s: more than %d bytes of comments and extensions before the image",
                  name,
                  MOST_GIF_EXTENSIONS));
        }
      }
    }
  }

  /** Markers and their segments, and what lies between a scan and the next marker (ITU-T T.81). */
  private void jpeg() throws IOException {
    int scans = 0;
    int sequentialComponents = 0;
    for (int marker = marker(); marker != END_OF_IMAGE; marker = marker()) {
      if (marker >= FIRST_RESTART && marker <= START_OF_IMAGE) {
        continue;
      }
      long end = in.getStreamPosition() + Math.max(in.readUnsignedShort(), 2);
      if (marker == BASELINE || marker == EXTENDED) {
        in.skipBytes(5);
        sequentialComponents = in.readUnsignedByte();
      } else if (marker == START_OF_SCAN) {
        if (in.readUnsignedByte() == sequentialComponents) {
          // All of the image: what follows is not read, neither here nor by the decoder.
          return;
        }
        if (++scans > MOST_SCANS) {
          throw new InvalidInputException(
              name + ": a JPEG of more than " + MOST_SCANS + " scans of the whole image");
        }
      }
      in.seek(end);
    }
  }

  /** The next marker, which no data looks like. */
  private int marker() throws IOException {
    while (true) {
      int value = in.readUnsignedByte();
      while (value == MARKER) {
        value = in.readUnsignedByte();
        if (value != 0 && value != MARKER) {
          return value;
        }
      }
    }
  }
}
