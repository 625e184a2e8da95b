package dev.mlit.data.published;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPOutputStream;

/** Makes IDX files, whether or not their headers tell the truth. */
final class IdxBytes {
  private IdxBytes() {}

  /** Two images of 2x3 pixels, 0 to 11. */
  static byte[] twoImages() {
    return idx(0x08, new int[] {2, 2, 3}, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
  }

  static byte[] labels(int... labels) {
    return idx(0x08, new int[] {labels.length}, labels);
  }

  static byte[] idx(int type, int[] dimensions, int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 + 4 * dimensions.length + values.length);
    buffer.put((byte) 0).put((byte) 0).put((byte) type).put((byte) dimensions.length);
    for (int dimension : dimensions) {
      buffer.putInt(dimension);
    }
    for (int value : values) {
      buffer.put((byte) value);
    }
    return buffer.array();
  }

  static byte[] gzip(byte[] content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
