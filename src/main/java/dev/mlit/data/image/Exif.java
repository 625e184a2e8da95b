package dev.mlit.data.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Which way a camera was held, by the EXIF record in an image file (EXIF 2.3: a TIFF directory; in
 * JPEG the segment APP1, in PNG the chunk eXIf, in WebP the chunk EXIF). A record that is damaged
 * says nothing. XMP, which some programs write in its place, is not looked at.
 */
final class Exif {
  /** What stands before the record in a JPEG, and in files of some programs elsewhere too. */
  private static final byte[] HEADER = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);

  /** No segment of a JPEG is longer, and the directory stands at a record's beginning. */
  private static final int MOST_BYTES = 1 << 16;

  private static final int MARKER = 0xff;
  private static final int APP1 = 0xe1;
  private static final int START_OF_SCAN = 0xda;
  private static final int PNG_SIGNATURE = 8;

  private Exif() {}

  /**
   * The orientation of an image file. Leaves the stream where it was.
   *
   * @param format as a reader calls it, in lower case
   * @param in at the beginning of the file
   * @return 1 to 8, the number of EXIF's tag 274; 1 where the file does not say
   */
  static int orientation(String format, ImageInputStream in) throws IOException {
    long start = in.getStreamPosition();
    ByteOrder order = in.getByteOrder();
    try {
      byte[] record =
          switch (format) {
            case "jpeg" -> ofJpeg(in);
            case "png" -> ofPng(in, start);
            case "webp" -> ofWebp(in, start);
            default -> null;
          };
      return record == null ? UprightTurn.UPRIGHT : orientation(record);
    } catch (IOException | IndexOutOfBoundsException e) {
      // Cut off: whether the image itself is whole is for its reader to say.
      return UprightTurn.UPRIGHT;
    } finally {
      in.setByteOrder(order);
      in.seek(start);
    }
  }

  private static int orientation(byte[] record) throws IOException {
    boolean headed = Arrays.equals(Arrays.copyOf(record, HEADER.length), HEADER);
    int first = headed ? HEADER.length : 0;
    try (ImageInputStream in =
        new ImageStream(new ByteArrayInputStream(record, first, record.length - first))) {
      return Tiff.orientation(in);
    }
  }

  private static byte @Nullable [] ofJpeg(ImageInputStream in) throws IOException {
    in.setByteOrder(ByteOrder.BIG_ENDIAN);
    in.skipBytes(2);
    while (in.readUnsignedByte() == MARKER) {
      int marker = in.readUnsignedByte();
      while (marker == MARKER) {
        marker = in.readUnsignedByte();
      }
      if (marker == START_OF_SCAN) {
        return null;
      }
      int length = in.readUnsignedShort() - 2;
      long next = in.getStreamPosition() + length;
      if (marker == APP1 && length > HEADER.length) {
        byte[] segment = bytes(in, length);
        if (Arrays.equals(Arrays.copyOf(segment, HEADER.length), HEADER)) {
          return segment;
        }
      }
      in.seek(next);
    }
    return null;
  }

  /** Chunks: length, name, data, checksum. */
  private static byte @Nullable [] ofPng(ImageInputStream in, long start) throws IOException {
    in.setByteOrder(ByteOrder.BIG_ENDIAN);
    in.seek(start + PNG_SIGNATURE);
    while (true) {
      long length = in.readUnsignedInt();
      String name = name(in);
      if (name.equals("eXIf")) {
        return bytes(in, length);
      }
      if (name.equals("IEND")) {
        return null;
      }
      in.seek(in.getStreamPosition() + length + Integer.BYTES);
    }
  }

  /** Chunks: name, length, data, a byte more if the length is odd. */
  private static byte @Nullable [] ofWebp(ImageInputStream in, long start) throws IOException {
    in.setByteOrder(ByteOrder.LITTLE_ENDIAN);
    in.seek(start + Webp.RIFF_HEADER);
    while (true) {
      String name = name(in);
      long length = in.readUnsignedInt();
      if (name.equals("EXIF")) {
        return bytes(in, length);
      }
      in.seek(in.getStreamPosition() + length + length % 2);
    }
  }

  private static String name(ImageInputStream in) throws IOException {
    return new String(bytes(in, 4), StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(ImageInputStream in, long length) throws IOException {
    byte[] bytes = new byte[(int) Math.min(length, MOST_BYTES)];
    in.readFully(bytes);
    return bytes;
  }
}
