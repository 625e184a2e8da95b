package dev.mlit.weights;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.weights.CheckpointIndex.Entry;
import dev.mlit.weights.SortedTable.DamageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TrackableObjectGraphOuterClass.TrackableObjectGraph;

/**
 * The files of a checkpoint, {@code PREFIX.index} and {@code PREFIX.data-...}: what is in them,
 * whoever wrote them. They are read here, byte by byte and every checksum checked: TensorFlow's own
 * reader ends the process on some of those that are damaged, or made to do harm.
 *
 * @since 0.1.0
 */
public final class CheckpointFile {
  private static final long LONGEST_INDEX =
      Math.min(1 << 26, Runtime.getRuntime().maxMemory() / 64);

  private final Path prefix;
  private final CheckpointIndex index;

  private CheckpointFile(Path prefix, CheckpointIndex index) {
    this.prefix = prefix;
    this.index = index;
  }

  /**
   * The type and shape of a tensor.
   *
   * @param type of its elements
   * @param shape its sizes
   */
  public record Tensor(DataType type, List<Long> shape) {
    public Tensor {
      shape = List.copyOf(shape);
    }

    /** True if its values can be read: float32, or what becomes float32. */
    public boolean isFloat() {
      return floatType(type) != null;
    }
  }

  private static @Nullable FloatType floatType(DataType type) {
    return switch (type) {
      case DT_FLOAT -> FloatType.F32;
      case DT_DOUBLE -> FloatType.F64;
      case DT_HALF -> FloatType.F16;
      case DT_BFLOAT16 -> FloatType.BF16;
      default -> null;
    };
  }

  /** True if there is a checkpoint of this prefix. */
  public static boolean exists(Path prefix) {
    return Files.isRegularFile(index(prefix));
  }

  private static Path index(Path prefix) {
    return prefix.resolveSibling(prefix.getFileName() + ".index");
  }

  /**
   * Reads which tensors there are, and checks that the files with their values are as long as the
   * index says.
   *
   * @throws InvalidInputException if there is no checkpoint of this prefix, or it is damaged
   */
  public static CheckpointFile open(Path prefix) {
    Path file = index(prefix);
    if (!exists(prefix)) {
      throw new InvalidInputException(prefix + ": no checkpoint, there is no " + file);
    }
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() > LONGEST_INDEX) {
        throw new DamageException(
            "an index of "
                + channel.size()
                + " bytes must have at most "
                + LONGEST_INDEX
                + " with the memory that Java may take");
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
      FileBytes.readFully(channel, bytes, 0);
      CheckpointFile checkpoint = new CheckpointFile(prefix, CheckpointIndex.of(bytes.array()));
      checkpoint.requireLengths();
      return checkpoint;
    } catch (DamageException e) {
      throw damaged(prefix, file.getFileName() + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw InvalidInputException.unreadable(file, e);
    }
  }

  private static InvalidInputException damaged(
      Path prefix, String problem, @Nullable Throwable cause) {
    return new InvalidInputException(prefix + ": a damaged checkpoint: " + problem, cause);
  }

  private void requireLengths() throws IOException {
    Map<Integer, Long> lengths = new LinkedHashMap<>();
    for (Map.Entry<String, Entry> each : index.entries().entrySet()) {
      Entry entry = each.getValue();
      if (!entry.whole()) {
        continue;
      }
      Path file = values(entry);
      Long length = lengths.get(entry.shard());
      if (length == null) {
        if (!Files.isRegularFile(file)) {
          throw damaged(prefix, "there is no " + file.getFileName(), null);
        }
        length = Files.size(file);
        lengths.put(entry.shard(), length);
      }
      if (entry.offset() + entry.bytes() > length) {
        throw damaged(
            prefix,
            String.format(
                Locale.ROOT,
                "%s has %d bytes, but %s ends at byte %d; the file may be truncated",
                file.getFileName(),
                length,
                each.getKey(),
                entry.offset() + entry.bytes()),
            null);
      }
    }
  }

  private Path values(Entry entry) {
    return prefix.resolveSibling(
        String.format(
            Locale.ROOT,
            "%s.data-%05d-of-%05d",
            prefix.getFileName(),
            entry.shard(),
            index.shards()));
  }

  /** The tensors by their names in the files, but for the object graph. */
  public Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    index
        .entries()
        .forEach((name, entry) -> tensors.put(name, new Tensor(entry.type(), entry.shape())));
    tensors.remove(CheckpointKeys.OBJECTS);
    return tensors;
  }

  /**
   * What Python saved, and under which keys; empty if the files are not of {@code
   * tf.train.Checkpoint} or {@code tf.saved_model.save}.
   *
   * @throws InvalidInputException if the files are damaged
   */
  public TrackableObjectGraph objects() {
    Entry graph = index.entries().get(CheckpointKeys.OBJECTS);
    if (graph == null || graph.type() != DataType.DT_STRING || !graph.shape().isEmpty()) {
      return TrackableObjectGraph.getDefaultInstance();
    }
    requireMemory(graph.bytes());
    try (FileChannel channel = FileChannel.open(values(graph))) {
      return TrackableObjectGraph.parseFrom(
          text(bytes(CheckpointKeys.OBJECTS, graph, channel), graph));
    } catch (InvalidProtocolBufferException | DamageException e) {
      throw damaged(prefix, "its object graph", e);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** A text: its length, the sum of that, and its bytes. The sum of all is that of the index. */
  private static ByteBuffer text(ByteBuffer stored, Entry entry) throws DamageException {
    if (!stored.hasRemaining()) {
      throw new DamageException("no length");
    }
    long length = SortedTable.number(stored);
    if (length != stored.remaining() - (long) Integer.BYTES) {
      throw new DamageException("another length");
    }
    CRC32C sum = new CRC32C();
    sum.update(
        ByteBuffer.allocate(Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt((int) length)
            .flip());
    int ofLength = SortedTable.masked(sum);
    sum.update(stored.duplicate());
    if (stored.getInt() != ofLength || SortedTable.masked(sum) != entry.sum()) {
      throw new DamageException("another checksum");
    }
    return stored.slice();
  }

  /**
   * Reads tensors as float32.
   *
   * @param keys names of tensors for which {@link Tensor#isFloat} holds
   * @throws InvalidInputException if the files are damaged, or hold a tensor in parts
   */
  public Map<String, Weights.Array> read(List<String> keys) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (String key : keys) {
      Entry entry = index.entries().get(key);
      if (entry == null || floatType(entry.type()) == null) {
        throw new IllegalArgumentException(key + ": no such tensor of numbers in " + prefix);
      }
      if (!entry.whole()) {
        throw new InvalidInputException(
            prefix + ": " + key + " is stored in parts (a partitioned variable), must be whole");
      }
      entries.put(key, entry);
    }
    requireMemory(2 * entries.values().stream().mapToLong(Entry::bytes).sum());
    Map<String, Weights.Array> arrays = new LinkedHashMap<>();
    Map<Path, FileChannel> open = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Entry> each : entries.entrySet()) {
        Entry entry = each.getValue();
        Path file = values(entry);
        FileChannel channel = open.get(file);
        if (channel == null) {
          channel = FileChannel.open(file);
          open.put(file, channel);
        }
        arrays.put(each.getKey(), array(each.getKey(), entry, channel));
      }
      return arrays;
    } catch (IOException e) {
      throw unreadable(e);
    } finally {
      open.values().forEach(CheckpointFile::close);
    }
  }

  private static void close(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // It was only read from.
    }
  }

  private Weights.Array array(String name, Entry entry, FileChannel channel) throws IOException {
    ByteBuffer bytes = bytes(name, entry, channel);
    CRC32C sum = new CRC32C();
    sum.update(bytes.duplicate());
    if (SortedTable.masked(sum) != entry.sum()) {
      throw damaged(prefix, "the checksum of the values of " + name + " does not agree", null);
    }
    FloatType type = floatType(entry.type());
    if (type == null) {
      throw new IllegalStateException(name + " has no numbers");
    }
    return new Weights.Array(entry.shape(), type.floats(bytes));
  }

  private ByteBuffer bytes(String name, Entry entry, FileChannel channel) throws IOException {
    if (entry.bytes() > Integer.MAX_VALUE - Long.BYTES) {
      throw new InvalidInputException(
          prefix + ": " + name + " has " + entry.bytes() + " bytes, more than an array holds");
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) entry.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    FileBytes.readFully(channel, bytes, entry.offset());
    return bytes.flip();
  }

  private InvalidInputException unreadable(IOException e) {
    return InvalidInputException.unreadable(prefix, e);
  }

  private void requireMemory(long bytes) {
    long most = Runtime.getRuntime().maxMemory();
    if (bytes > most) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: takes %d MB of memory, Java may take %d MB in all",
              prefix,
              bytes >> 20,
              most >> 20));
    }
  }
}
