package dev.mlit.weights;

import java.io.IOException;
import java.io.Serial;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Reads a table of keys and values in the format of LevelDB (doc/table_format.md there), as
 * TensorFlow writes the index of a checkpoint. Every byte is checked here, as TensorFlow's own
 * reader ends the process on some of those that are wrong.
 */
final class SortedTable {
  private static final int FOOTER = 48;
  private static final long MAGIC = 0xdb4775248b80fb57L;

  /** The kind of a block, and its checksum. */
  private static final int TRAILER = 5;

  private static final byte AS_IT_IS = 0;
  private static final int MOST_SHIFT = 63;
  private static final int LONGEST_KEY = 1 << 16;
  private static final int MASK = 0xa282ead8;

  /**
   * Of all keys: those of a block are stored as differences, so that a small file may hold long
   * ones.
   */
  private static final long MOST_KEY_BYTES =
      Math.min(1 << 26, Runtime.getRuntime().maxMemory() / 64);

  private final byte[] file;
  private long keyBytes;

  private SortedTable(byte[] file) {
    this.file = file;
  }

  /** A key, and what is stored under it. */
  record Row(byte[] key, byte[] value) {}

  /** The file is no such table, or damaged. */
  static final class DamageException extends IOException {
    @Serial private static final long serialVersionUID = 1;

    DamageException(String message) {
      super(message);
    }
  }

  /**
   * The rows of a table, in the order of their keys.
   *
   * @throws DamageException if it is no table, or damaged
   */
  static List<Row> read(byte[] file) throws DamageException {
    try {
      return new SortedTable(file).rows();
    } catch (BufferUnderflowException e) {
      throw new DamageException("a number in it is cut off");
    }
  }

  /**
   * The CRC-32C of some bytes as these files store it: changed, so that it can be summed itself.
   */
  static int masked(CRC32C sum) {
    return Integer.rotateRight((int) sum.getValue(), 15) + MASK;
  }

  private List<Row> rows() throws DamageException {
    if (file.length < FOOTER) {
      throw new DamageException(file.length + " bytes are no index");
    }
    ByteBuffer footer = buffer(file.length - FOOTER, FOOTER);
    if (footer.getLong(FOOTER - Long.BYTES) != MAGIC) {
      throw new DamageException("it does not end as an index does");
    }
    // The block of metadata, which is empty in an index of TensorFlow's.
    block(footer);
    ByteBuffer parts = block(footer);
    while (footer.remaining() > Long.BYTES) {
      if (footer.get() != 0) {
        throw new DamageException("it does not end as an index does");
      }
    }
    List<Row> rows = new ArrayList<>();
    for (Row part : entries(parts)) {
      rows.addAll(entries(block(ByteBuffer.wrap(part.value))));
    }
    for (int i = 1; i < rows.size(); i++) {
      if (Arrays.compareUnsigned(rows.get(i - 1).key, rows.get(i).key) >= 0) {
        throw new DamageException("its keys are not in order");
      }
    }
    return rows;
  }

  private ByteBuffer buffer(int first, int length) {
    return ByteBuffer.wrap(file, first, length).slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The block at the place that comes next in a handle. */
  private ByteBuffer block(ByteBuffer handle) throws DamageException {
    long offset = number(handle);
    long size = number(handle);
    long most = (long) file.length - FOOTER - TRAILER;
    if (offset < 0 || size < 0 || size > most || offset > most - size) {
      throw new DamageException("a block lies outside of it");
    }
    int end = (int) (offset + size);
    CRC32C sum = new CRC32C();
    sum.update(file, (int) offset, (int) size + 1);
    if (buffer(end + 1, Integer.BYTES).getInt() != masked(sum)) {
      throw new DamageException("a checksum does not agree");
    }
    if (file[end] != AS_IT_IS) {
      throw new DamageException("it is compressed, which TensorFlow's are not");
    }
    return buffer((int) offset, (int) size);
  }

  /** Entries, each with what its key shares with the one before, then where some of them begin. */
  private List<Row> entries(ByteBuffer block) throws DamageException {
    if (block.limit() < Integer.BYTES) {
      throw new DamageException("a block is too short");
    }
    int restarts = block.getInt(block.limit() - Integer.BYTES);
    long end = block.limit() - Integer.BYTES * (restarts + 1L);
    if (restarts < 0 || end < 0) {
      throw new DamageException("a block is too short");
    }
    block.limit((int) end);
    List<Row> rows = new ArrayList<>();
    byte[] key = new byte[0];
    while (block.hasRemaining()) {
      int shared = length(block, key.length);
      int more = length(block, LONGEST_KEY - shared);
      int bytes = length(block, block.remaining());
      if (more > block.remaining() - bytes) {
        throw new DamageException("an entry is longer than its block");
      }
      keyBytes += shared + more;
      if (keyBytes > MOST_KEY_BYTES) {
        throw new DamageException("its names take more than " + MOST_KEY_BYTES + " bytes");
      }
      key = Arrays.copyOf(key, shared + more);
      block.get(key, shared, more);
      byte[] value = new byte[bytes];
      block.get(value);
      rows.add(new Row(key, value));
    }
    return rows;
  }

  private static int length(ByteBuffer in, int most) throws DamageException {
    long length = number(in);
    if (length < 0 || length > most) {
      throw new DamageException("a length in it is wrong");
    }
    return (int) length;
  }

  /** A number of 64 bits in groups of seven, the lowest first. */
  static long number(ByteBuffer in) throws DamageException {
    long number = 0;
    for (int shift = 0; shift <= MOST_SHIFT; shift += 7) {
      byte next = in.get();
      number |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return number;
      }
    }
    throw new DamageException("a number in it is too long");
  }
}
