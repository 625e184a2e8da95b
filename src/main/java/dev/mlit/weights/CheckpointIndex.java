package dev.mlit.weights;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.mlit.spec.text.Printable;
import dev.mlit.spec.text.Shortened;
import dev.mlit.weights.SortedTable.DamageException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tensorflow.proto.BundleEntryProto;
import org.tensorflow.proto.BundleHeaderProto;
import org.tensorflow.proto.BundleHeaderProto.Endianness;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorShapeProto.Dim;

/**
 * The index of a checkpoint, {@code PREFIX.index}: every tensor's type, shape and place. Its
 * content is checked, so that a reader meets no impossible size.
 *
 * @param shards files that hold the values
 * @param entries by the names of the tensors
 */
record CheckpointIndex(int shards, Map<String, Entry> entries) {
  private static final int VERSION = 1;
  private static final int MOST_DIMENSIONS = 254;
  private static final int MOST_SHARDS = 99_999;
  private static final int LONGEST_NAME = 1000;
  private static final int SHOWN_SIZES = 8;

  /**
   * A tensor.
   *
   * @param type of its elements
   * @param shape its sizes
   * @param whole false if its values are stored in parts, under other names
   * @param shard the number of the file with its values
   * @param offset of its first byte there
   * @param bytes its length there
   * @param sum the masked CRC-32C of its values
   */
  record Entry(
      DataType type,
      List<Long> shape,
      boolean whole,
      int shard,
      long offset,
      long bytes,
      int sum) {}

  /**
   * Reads an index.
   *
   * @throws DamageException if it is no index, or its content is impossible
   */
  static CheckpointIndex of(byte[] file) throws DamageException {
    List<SortedTable.Row> rows = SortedTable.read(file);
    try {
      if (rows.isEmpty() || rows.get(0).key().length != 0) {
        throw new DamageException("it has no header");
      }
      int shards = shards(BundleHeaderProto.parseFrom(rows.get(0).value()));
      Map<String, Entry> entries = new TreeMap<>();
      for (SortedTable.Row row : rows.subList(1, rows.size())) {
        // What begins with a zero byte is a part of a tensor.
        if (row.key()[0] != 0) {
          String name = text(row.key());
          entries.put(name, entry(name, BundleEntryProto.parseFrom(row.value()), shards));
        }
      }
      return new CheckpointIndex(shards, Collections.unmodifiableMap(entries));
    } catch (InvalidProtocolBufferException e) {
      throw new DamageException("an entry of it is damaged");
    }
  }

  private static int shards(BundleHeaderProto header) throws DamageException {
    if (header.getEndianness() != Endianness.LITTLE) {
      throw new DamageException("its numbers are big-endian, must be little-endian");
    }
    if (header.getVersion().getMinConsumer() > VERSION
        || header.getVersion().getBadConsumersList().contains(VERSION)) {
      throw new DamageException(
          "it is of a later version, "
              + header.getVersion().getProducer()
              + ", must be "
              + VERSION);
    }
    int shards = header.getNumShards();
    if (shards < 1 || shards > MOST_SHARDS) {
      throw new DamageException("its values are in " + shards + " files");
    }
    return shards;
  }

  /** Names reach messages, so that they are what fits there: plain text, and not much of it. */
  private static String text(byte[] name) throws DamageException {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name)).toString();
    } catch (CharacterCodingException e) {
      throw new DamageException("the name of a tensor is no text");
    }
    if (!Printable.isLine(text)) {
      throw new DamageException("the name of a tensor has a control character");
    }
    if (text.length() > LONGEST_NAME) {
      throw new DamageException(
          "the name of a tensor has more than " + LONGEST_NAME + " characters");
    }
    return text;
  }

  private static Entry entry(String name, BundleEntryProto stored, int shards)
      throws DamageException {
    List<Long> shape = stored.getShape().getDimList().stream().map(Dim::getSize).toList();
    if (stored.getShape().getUnknownRank() || shape.size() > MOST_DIMENSIONS) {
      throw new DamageException(name + " has no shape");
    }
    long elements = elements(name, shape);
    DataType type = stored.getDtype();
    boolean whole = stored.getSlicesCount() == 0;
    int size = bytes(type);
    long bytes = stored.getSize();
    long offset = stored.getOffset();
    if (stored.getShardId() < 0 || stored.getShardId() >= shards) {
      throw new DamageException(
          name + " is in file " + stored.getShardId() + " of " + shards + ", counted from 0");
    }
    if (offset < 0 || bytes < 0 || offset > Long.MAX_VALUE - bytes) {
      throw new DamageException(
          name + " begins at byte " + offset + " and has " + bytes + ", which cannot be");
    }
    if (whole && size > 0 && (elements > Long.MAX_VALUE / size || elements * size != bytes)) {
      throw new DamageException(
          name + ": " + bytes + " bytes do not fill " + type + " " + shown(shape));
    }
    return new Entry(type, shape, whole, stored.getShardId(), offset, bytes, stored.getCrc32C());
  }

  private static long elements(String name, List<Long> shape) throws DamageException {
    long elements = 1;
    long others = 1;
    for (long size : shape) {
      // A size of 0 makes the tensor empty, but not the others of any size.
      if (size < 0 || (size > 0 && others > Long.MAX_VALUE / size)) {
        throw new DamageException(name + " is " + shown(shape) + ", which is no shape");
      }
      others *= Math.max(1, size);
      elements = size == 0 ? 0 : elements * size;
    }
    return elements;
  }

  private static String shown(List<Long> shape) {
    return "[" + Shortened.list(shape.stream().map(String::valueOf).toList(), SHOWN_SIZES) + "]";
  }

  /** The bytes of an element; 0 if they differ, or nobody reads them here. */
  private static int bytes(DataType type) {
    return switch (type) {
      case DT_BOOL, DT_INT8, DT_UINT8 -> 1;
      case DT_HALF, DT_BFLOAT16, DT_INT16, DT_UINT16 -> 2;
      case DT_FLOAT, DT_INT32, DT_UINT32 -> 4;
      case DT_DOUBLE, DT_INT64, DT_UINT64, DT_COMPLEX64 -> 8;
      case DT_COMPLEX128 -> 16;
      default -> 0;
    };
  }
}
