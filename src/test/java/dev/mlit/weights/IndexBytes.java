package dev.mlit.weights;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Writes the index of a checkpoint, whatever is in it, with all checksums right: what a stranger
 * would hand to a reader.
 */
public final class IndexBytes {
  private static final long MAGIC = 0xdb4775248b80fb57L;

  private IndexBytes() {}

  /** The rows of an index, by their keys; the header is under the empty one. */
  public static Map<String, byte[]> rows(byte[] index) throws SortedTable.DamageException {
    Map<String, byte[]> rows = new LinkedHashMap<>();
    for (SortedTable.Row row : SortedTable.read(index)) {
      rows.put(new String(row.key(), StandardCharsets.UTF_8), row.value());
    }
    return rows;
  }

  /** An index of rows, in the order in which they are given. */
  public static byte[] of(Map<String, byte[]> rows) {
    List<byte[]> keys = new ArrayList<>();
    rows.keySet().forEach(key -> keys.add(key.getBytes(StandardCharsets.UTF_8)));
    return of(keys, List.copyOf(rows.values()));
  }

  static byte[] of(List<byte[]> keys, List<byte[]> values) {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (int i = 0; i < keys.size(); i++) {
      entry(data, 0, keys.get(i), values.get(i));
    }
    return table(data);
  }

  /** A table with a block of some entries. */
  static byte[] table(ByteArrayOutputStream entries) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    byte[] data = block(file, entries);
    byte[] meta = block(file, new ByteArrayOutputStream());
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    entry(index, 0, new byte[] {(byte) 0xff}, data);
    byte[] blocks = block(file, index);
    ByteBuffer footer = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
    footer.put(meta).put(blocks).putLong(40, MAGIC);
    file.writeBytes(footer.array());
    return file.toByteArray();
  }

  /** Appends a block, and says where it is. */
  private static byte[] block(ByteArrayOutputStream file, ByteArrayOutputStream entries) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.writeBytes(entries.toByteArray());
    block.writeBytes(number(0, Integer.BYTES));
    block.writeBytes(number(1, Integer.BYTES));
    ByteArrayOutputStream handle = new ByteArrayOutputStream();
    varint(handle, file.size());
    varint(handle, block.size());
    block.write(0);
    CRC32C sum = new CRC32C();
    sum.update(block.toByteArray());
    file.writeBytes(block.toByteArray());
    file.writeBytes(number(SortedTable.masked(sum), Integer.BYTES));
    return handle.toByteArray();
  }

  static void entry(ByteArrayOutputStream block, int shared, byte[] key, byte[] value) {
    varint(block, shared);
    varint(block, key.length);
    varint(block, value.length);
    block.writeBytes(key);
    block.writeBytes(value);
  }

  private static byte[] number(long value, int bytes) {
    byte[] number = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      number[i] = (byte) (value >> (8 * i));
    }
    return number;
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
