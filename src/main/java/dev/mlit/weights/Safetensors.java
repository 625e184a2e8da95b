package dev.mlit.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.advice.Message;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * Reads and writes safetensors files (https://github.com/huggingface/safetensors, "Format"): eight
 * bytes with the length of a JSON header, the header, the tensors' bytes; all little-endian.
 *
 * <p>What is written is named as variables are, with dots where those have slashes.
 */
final class Safetensors {
  /** Eight bytes and the header begin at a multiple of this, which the format recommends. */
  private static final int ALIGNMENT = 8;

  private static final ObjectMapper JSON = new ObjectMapper();

  private Safetensors() {}

  /**
   * Reads all tensors as float32.
   *
   * @throws InvalidInputException with every problem of the file: no such file, a truncated or
   *     hostile header, a type that is no floating-point number
   */
  static Map<String, Weights.Array> read(Path file) {
    return read(file, shapes -> TensorChoice.all(shapes.keySet())).arrays();
  }

  /**
   * What was read.
   *
   * @param arrays the tensors by the names that the choice gives them
   */
  record Tensors(Map<String, Weights.Array> arrays, TensorChoice choice) {}

  /**
   * Reads tensors as float32.
   *
   * @param choice which of those that are there, by their shapes
   * @throws InvalidInputException with every problem of the file, those of the choice among them
   */
  static Tensors read(Path file, Function<Map<String, List<Long>>, TensorChoice> choice) {
    try (FileChannel channel = FileChannel.open(file)) {
      SafetensorsHeader header = SafetensorsHeader.read(file.toString(), channel);
      Map<String, List<Long>> shapes = new LinkedHashMap<>();
      header.entries().forEach(entry -> shapes.put(entry.name(), entry.shape()));
      TensorChoice chosen = choice.apply(shapes);
      List<SafetensorsHeader.Entry> taken =
          header.entries().stream()
              .filter(entry -> chosen.taken().containsValue(entry.name()))
              .toList();
      List<Message> problems = new ArrayList<>();
      SafetensorsHeader.problems(taken).forEach(problem -> problems.add(Message.of(problem)));
      problems.addAll(chosen.problems());
      if (!problems.isEmpty()) {
        throw InvalidInputException.advised(file, problems);
      }
      Map<String, Weights.Array> arrays = new HashMap<>();
      for (SafetensorsHeader.Entry entry : taken) {
        ByteBuffer bytes = ByteBuffer.allocate((int) entry.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        FileBytes.readFully(channel, bytes, header.dataStart() + entry.begin());
        FloatType type = Objects.requireNonNull(entry.type());
        arrays.put(entry.name(), new Weights.Array(entry.shape(), type.floats(bytes.flip())));
      }
      Map<String, Weights.Array> named = new LinkedHashMap<>();
      chosen
          .taken()
          .forEach((name, tensor) -> named.put(name, Objects.requireNonNull(arrays.get(tensor))));
      return new Tensors(named, chosen);
    } catch (IOException e) {
      throw InvalidInputException.unreadable(file, e);
    }
  }

  /** A variable's name in a file. */
  static String dotted(String name) {
    return name.replace('/', '.');
  }

  /** Writes float32 tensors by the names of variables. */
  static void write(Path file, Weights weights) throws IOException {
    ObjectNode header = JSON.createObjectNode();
    header.putObject("__metadata__").put("format", "mlit");
    List<byte[]> data = new ArrayList<>();
    long end = 0;
    for (Map.Entry<String, Weights.Array> entry : weights.arrays().entrySet()) {
      Weights.Array array = entry.getValue();
      ObjectNode tensor = header.putObject(dotted(entry.getKey()));
      tensor.put("dtype", "F32");
      array.shape().forEach(tensor.putArray("shape")::add);
      byte[] bytes = new byte[array.values().length * Float.BYTES];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(array.values());
      tensor.putArray("data_offsets").add(end).add(end + bytes.length);
      end += bytes.length;
      data.add(bytes);
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      byte[] json = padded(header);
      out.write(
          ByteBuffer.allocate(Long.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(json.length)
              .array());
      out.write(json);
      for (byte[] bytes : data) {
        out.write(bytes);
      }
    }
  }

  private static byte[] padded(ObjectNode header) throws JsonProcessingException {
    String json = JSON.writeValueAsString(header);
    int length = json.getBytes(StandardCharsets.UTF_8).length;
    return (json + " ".repeat(Math.floorMod(-length, ALIGNMENT))).getBytes(StandardCharsets.UTF_8);
  }
}
