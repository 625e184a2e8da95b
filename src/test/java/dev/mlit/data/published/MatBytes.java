package dev.mlit.data.published;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.DeflaterOutputStream;

/** Makes MATLAB files of version 5, whether or not their lengths tell the truth. */
public final class MatBytes {
  static final int INT8 = 1;
  static final int UINT8 = 2;
  static final int INT32 = 5;
  static final int UINT32 = 6;
  static final int MATRIX = 14;

  /** Classes of arrays. */
  static final int CELL = 1;

  static final int NUMBERS = 9;
  static final int OPAQUE = 17;

  private MatBytes() {}

  static byte[] file(byte[]... elements) {
    ByteBuffer header = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
    header.put("MATLAB 5.0 MAT-file".getBytes(StandardCharsets.US_ASCII));
    header.putShort(124, (short) 0x0100).putShort(126, (short) ('M' << 8 | 'I'));
    return join(header.array(), join(elements));
  }

  /** Type, length and content, filled up to a multiple of eight bytes. */
  static byte[] element(int type, byte[] content) {
    return join(
        tag(type, content.length), content, new byte[Math.floorMod(-content.length, Long.BYTES)]);
  }

  /** The first eight bytes of an element. */
  static byte[] tag(int type, int length) {
    return ints(type, length);
  }

  /** Flags, dimensions and name of an array. */
  static byte[] header(int kind, String name, int... dimensions) {
    return join(
        element(UINT32, ints(kind, 0)),
        element(INT32, ints(dimensions)),
        element(INT8, name.getBytes(StandardCharsets.US_ASCII)));
  }

  static byte[] compressed(byte[] element) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(bytes)) {
      deflater.write(element);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return join(tag(15, bytes.size()), bytes.toByteArray());
  }

  static byte[] ints(int... values) {
    ByteBuffer buffer =
        ByteBuffer.allocate(Integer.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      buffer.putInt(value);
    }
    return buffer.array();
  }

  public static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
