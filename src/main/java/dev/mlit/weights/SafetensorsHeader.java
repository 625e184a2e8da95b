package dev.mlit.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The header of a safetensors file, checked against the rules of the format: offsets lie in the
 * file, fit type and shape, leave no gap and do not overlap.
 *
 * @param entries the tensors in the order of their bytes
 * @param dataStart where the bytes of the first tensor begin in the file
 */
record SafetensorsHeader(List<Entry> entries, long dataStart) {
  /** The format's own limit, or less where there is little memory: parsed, a header is longer. */
  private static final long LONGEST_HEADER =
      Math.min(100_000_000, Runtime.getRuntime().maxMemory() / 64);

  /** The protocol of Python 3.8 and later. */
  private static final int NEWEST_PICKLE = 5;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * A tensor of the file.
   *
   * @param dtype the name of its type; the file may hold others than those of {@link FloatType},
   *     which have the format's names
   * @param begin its first byte, counted from {@code dataStart}
   * @param bytes its length
   */
  record Entry(String name, String dtype, List<Long> shape, long begin, long bytes) {
    long end() {
      return begin + bytes;
    }

    /** Its type; null if it is none of those that are read. */
    @Nullable FloatType type() {
      for (FloatType type : FloatType.values()) {
        if (type.name().equals(dtype)) {
          return type;
        }
      }
      return null;
    }
  }

  SafetensorsHeader {
    entries = List.copyOf(entries);
  }

  /** The tensors whose numbers are not of a type that is read. */
  static List<String> problems(List<Entry> entries) {
    return entries.stream()
        .filter(e -> e.type() == null)
        .map(e -> e.name() + ": dtype \"" + e.dtype() + "\" must be F32, F64, F16 or BF16")
        .toList();
  }

  /**
   * Reads and checks the header.
   *
   * @param file its name, for messages
   * @throws InvalidInputException with every problem, if it breaks a rule of the format; a type
   *     that is not read does not
   */
  static SafetensorsHeader read(String file, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < Long.BYTES) {
      throw new InvalidInputException(
          file + ": not a safetensors file: " + size + " bytes, must be at least 8");
    }
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    FileBytes.readFully(channel, length, 0);
    long headerLength = length.flip().getLong();
    long most = Math.min(LONGEST_HEADER, size - Long.BYTES);
    if (headerLength < 2 || headerLength > most) {
      requireNotOfTorch(file, length.array());
      throw new InvalidInputException(
          file
              + ": not a safetensors file, or truncated: a header of "
              + Long.toUnsignedString(headerLength)
              + " bytes must be at least 2 and at most "
              + most);
    }
    ByteBuffer text = ByteBuffer.allocate((int) headerLength);
    FileBytes.readFully(channel, text, Long.BYTES);
    JsonNode json;
    try {
      json = JSON.readTree(new String(text.array(), StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          file
              + ": not a safetensors file: the header is no JSON: "
              + Printable.line(e.getOriginalMessage()),
          e);
    }
    return new Checker(file, size - Long.BYTES - headerLength).check(json, headerLength);
  }

  /** What {@code torch.save} writes is a zip, and was a pickle; either may run a program. */
  private static void requireNotOfTorch(String file, byte[] start) {
    boolean zip = start[0] == 'P' && start[1] == 'K';
    boolean pickle = start[0] == (byte) 0x80 && start[1] > 1 && start[1] <= NEWEST_PICKLE;
    if (zip || pickle) {
      throw new InvalidInputException(
          file
              + ": not a safetensors file but "
              + (zip ? "a zip" : "a pickle")
              + ", as torch.save writes it; write the state_dict with"
              + " safetensors.torch.save_file instead");
    }
  }

  /** Collects all problems of a header. */
  private static final class Checker {
    private final String file;
    private final long dataLength;
    private final List<String> problems = new ArrayList<>();
    private final List<Entry> entries = new ArrayList<>();

    Checker(String file, long dataLength) {
      this.file = file;
      this.dataLength = dataLength;
    }

    SafetensorsHeader check(JsonNode json, long headerLength) {
      if (!json.isObject()) {
        throw new InvalidInputException(file + ": the header must be a JSON object");
      }
      for (Map.Entry<String, JsonNode> field : json.properties()) {
        if (!field.getKey().equals("__metadata__")) {
          entry(field.getKey(), field.getValue());
        }
      }
      entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
      if (problems.isEmpty()) {
        layout();
      }
      if (!problems.isEmpty()) {
        problems.addAll(problems(entries));
        throw InvalidInputException.of(file, problems);
      }
      return new SafetensorsHeader(entries, Long.BYTES + headerLength);
    }

    private void entry(String name, JsonNode json) {
      JsonNode offsets = json.path("data_offsets");
      List<Long> shape = new ArrayList<>();
      for (JsonNode size : json.path("shape")) {
        shape.add(size.canConvertToLong() && size.isIntegralNumber() ? size.longValue() : -1L);
      }
      if (!json.path("shape").isArray() || shape.stream().anyMatch(s -> s < 0)) {
        problems.add(name + ": shape " + json.path("shape") + " must be a list of sizes");
        return;
      }
      if (!offsets.isArray()
          || offsets.size() != 2
          || !isOffset(offsets.get(0))
          || !isOffset(offsets.get(1))) {
        problems.add(name + ": data_offsets " + offsets + " must be [begin, end]");
        return;
      }
      long begin = offsets.get(0).longValue();
      long end = offsets.get(1).longValue();
      if (begin > end || end > dataLength) {
        problems.add(
            name
                + ": data_offsets "
                + offsets
                + " must lie in the "
                + dataLength
                + " bytes of data; the file may be truncated");
        return;
      }
      Entry entry = new Entry(name, json.path("dtype").asText(""), shape, begin, end - begin);
      FloatType type = entry.type();
      if (type != null && bytes(shape, type) != entry.bytes()) {
        problems.add(name + ": " + type + shape + " does not fill data_offsets " + offsets);
        return;
      }
      entries.add(entry);
    }

    private static boolean isOffset(JsonNode node) {
      return node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= 0;
    }

    /** The bytes of a tensor; -1 if more than an array holds. */
    private static long bytes(List<Long> shape, FloatType type) {
      long bytes = type.bytes();
      for (long size : shape) {
        if (size != 0 && bytes > Integer.MAX_VALUE / size) {
          return -1;
        }
        bytes *= size;
      }
      return bytes;
    }

    private void layout() {
      long end = 0;
      for (Entry entry : entries) {
        if (entry.begin() != end) {
          problems.add(
              entry.name()
                  + ": begins at byte "
                  + entry.begin()
                  + " of the data, must follow the tensor before it at "
                  + end
                  + (entry.begin() < end ? ", they overlap" : ", there is a gap"));
        }
        end = Math.max(end, entry.end());
      }
      if (end != dataLength) {
        problems.add((dataLength - end) + " bytes after the last tensor belong to none");
      }
    }
  }
}
