package dev.mlit.data.image;

import dev.mlit.spec.InvalidInputException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Locale;
import javax.imageio.stream.ImageInputStream;

/**
 * The chunks of a WebP file (RFC 9649, section 2.3): they must all be there. The reader takes zeros
 * for the bytes of a lossless image that are missing, and would show half of it.
 */
final class Webp {
  /** Bytes before the first chunk. */
  static final int RIFF_HEADER = 12;

  private static final int CHUNK_HEADER = 8;

  private Webp() {}

  /**
   * Checks a file before it is decoded. Leaves the stream where it was.
   *
   * @param name names it in messages
   * @param in at the beginning of the file
   * @throws InvalidInputException if a chunk is longer than the file
   * @throws EOFException if the file ends before its length
   */
  static void require(String name, ImageInputStream in) throws IOException {
    long start = in.getStreamPosition();
    ByteOrder order = in.getByteOrder();
    try {
      in.setByteOrder(ByteOrder.LITTLE_ENDIAN);
      in.seek(start + Integer.BYTES);
      long end = start + CHUNK_HEADER + in.readUnsignedInt();
      in.seek(end - 1);
      in.readByte();
      long chunk = start + RIFF_HEADER;
      while (chunk + CHUNK_HEADER <= end) {
        in.seek(chunk + Integer.BYTES);
        long length = in.readUnsignedInt();
        long next = chunk + CHUNK_HEADER + length;
        if (next > end) {
          throw new InvalidInputException(
              ImageFile.damaged(
                  name,
                  String.format(
                      Locale.ROOT,
                      "a chunk of %d bytes where %d are left",
                      length,
                      end - chunk - CHUNK_HEADER)));
        }
        chunk = next + length % 2;
      }
    } finally {
      in.setByteOrder(order);
      in.seek(start);
    }
  }
}
