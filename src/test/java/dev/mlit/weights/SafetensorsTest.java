package dev.mlit.weights;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.weights.Weights.Array;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * If this fails, weights change on their way into a file or out of one: what a user shares is not
 * what he trained.
 */
class SafetensorsTest {

  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  void whatIsWrittenIsRead(@ForAll("weights") Map<String, Array> weights) throws IOException {
    Path file = Files.createTempFile("mlit", ".safetensors");
    try {
      Safetensors.write(file, Weights.of(weights));
      TensorFile read = TensorFile.read(file);
      assertThat(read.names()).hasSameSizeAs(weights.keySet());
      weights.forEach(
          (name, array) -> {
            Array back = read.tensor(name.replace('/', '.'));
            assertThat(back.shape()).as(name).isEqualTo(array.shape());
            assertThat(bits(back.values())).as(name).isEqualTo(bits(array.values()));
          });
    } finally {
      Files.delete(file);
    }
  }

  /** Every kind of float, NaN and -0 among them; names of all characters, JSON's own among them. */
  @Provide
  Arbitrary<Map<String, Array>> weights() {
    Arbitrary<String> names =
        Arbitraries.strings()
            .filter(
                name ->
                    !name.equals("__metadata__")
                        && StandardCharsets.UTF_8.newEncoder().canEncode(name))
            .map(name -> name.replace('.', '/'));
    Arbitrary<Array> arrays =
        Arbitraries.longs()
            .between(0, 4)
            .list()
            .ofMaxSize(3)
            .flatMap(
                shape ->
                    Arbitraries.integers()
                        .array(int[].class)
                        .ofSize(
                            (int)
                                shape.stream()
                                    .mapToLong(Long::longValue)
                                    .reduce(1, (a, b) -> a * b))
                        .map(bits -> new Array(shape, floats(bits))));
    return Arbitraries.maps(names, arrays).ofMaxSize(5);
  }

  private static float[] floats(int[] bits) {
    float[] floats = new float[bits.length];
    for (int i = 0; i < bits.length; i++) {
      floats[i] = Float.intBitsToFloat(bits[i]);
    }
    return floats;
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  @Test
  void aFileIsWhatTheFormatSays(@TempDir Path directory) throws IOException {
    Map<String, Array> weights = new LinkedHashMap<>();
    weights.put("head/kernel", new Array(List.of(1L, 2L), new float[] {1, -2}));
    weights.put("scale", new Array(List.of(), new float[] {0.5f}));
    Path file = directory.resolve("w.safetensors");
    Safetensors.write(file, Weights.of(weights));
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) bytes.getLong();
    byte[] header = new byte[length];
    bytes.get(header);
    assertThat(new String(header, StandardCharsets.UTF_8).stripTrailing())
        .isEqualTo(
            """
            {"__metadata__":{"format":"mlit"},\
            "head.kernel":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},\
            "scale":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}""");
    assertThat((8 + length) % 8).as("data is aligned").isZero();
    assertThat(bytes.getFloat()).isEqualTo(1);
    assertThat(bytes.getFloat()).isEqualTo(-2);
    assertThat(bytes.getFloat()).isEqualTo(0.5f);
    assertThat(bytes.hasRemaining()).isFalse();
  }

  @Test
  void tensorsMayLieInAnotherOrderThanTheirNames(@TempDir Path directory) throws IOException {
    ByteBuffer data = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    data.putFloat(1).putFloat(2).putFloat(3);
    String header =
        """
        {"b":{"data_offsets":[4,12],"shape":[2],"dtype":"F32"},"__metadata__":{"a":"b"},\
        "a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""";
    TensorFile read =
        TensorFile.read(
            SafetensorsBytes.write(
                directory, SafetensorsBytes.of(header.length(), header, data.array())));
    assertThat(read.values("a")).containsExactly(1);
    assertThat(read.values("b")).containsExactly(2, 3);
  }

  @Test
  void aFileMayBeEmptyOfTensorsAndATensorOfNumbers(@TempDir Path directory) throws IOException {
    assertThat(Safetensors.read(SafetensorsBytes.write(directory, SafetensorsBytes.of("{}", 0))))
        .isEmpty();
    String header =
        """
        {"a":{"dtype":"F16","shape":[3,0],"data_offsets":[0,0]},\
        "b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""";
    TensorFile read =
        TensorFile.read(SafetensorsBytes.write(directory, SafetensorsBytes.of(header, 4)));
    assertThat(read.tensor("a").shape()).containsExactly(3L, 0L);
    assertThat(read.values("a")).isEmpty();
    assertThat(read.values("b")).containsExactly(0);
  }

  /** All 65,536 of them, by the definition of IEEE 754. */
  @Test
  void readsEveryHalfPrecisionNumber(@TempDir Path directory) throws IOException {
    float[] read = everyNumberOf16Bits(directory, "F16");
    for (int bits = 0; bits < read.length; bits++) {
      int exponent = bits >> 10 & 31;
      float fraction = bits & 1023;
      float magnitude =
          Math.scalb(exponent == 0 ? fraction : 1024 + fraction, Math.max(exponent, 1) - 25);
      if (exponent == 31) {
        magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
      }
      float expected = bits < 0x8000 ? magnitude : -magnitude;
      if (Float.compare(read[bits], expected) != 0) {
        assertThat(read[bits]).as("F16 %04x", bits).isEqualTo(expected);
      }
    }
    assertThat(read[0x3c00]).isEqualTo(1);
    assertThat(read[0x7bff]).isEqualTo(65504);
    assertThat(read[0x0001]).isEqualTo(0x1p-24f);
  }

  /** A bfloat16 number is the upper half of a float32 one. */
  @Test
  void readsEveryBrainFloat(@TempDir Path directory) throws IOException {
    float[] read = everyNumberOf16Bits(directory, "BF16");
    for (int bits = 0; bits < read.length; bits++) {
      if (Float.compare(read[bits], Float.intBitsToFloat(bits << 16)) != 0) {
        assertThat(read[bits]).as("BF16 %04x", bits).isEqualTo(Float.intBitsToFloat(bits << 16));
      }
    }
    assertThat(read[0x3f80]).isEqualTo(1);
    assertThat(read[0xc040]).isEqualTo(-3);
  }

  private static float[] everyNumberOf16Bits(Path directory, String type) throws IOException {
    ByteBuffer data = ByteBuffer.allocate(2 * 65536).order(ByteOrder.LITTLE_ENDIAN);
    for (int bits = 0; bits < 65536; bits++) {
      data.putShort((short) bits);
    }
    String header =
        "{\"a\":{\"dtype\":\"" + type + "\",\"shape\":[65536],\"data_offsets\":[0,131072]}}";
    return TensorFile.read(
            SafetensorsBytes.write(
                directory, SafetensorsBytes.of(header.length(), header, data.array())))
        .values("a");
  }

  @Test
  void readsDoublesAsTheNearestFloats(@TempDir Path directory) throws IOException {
    double[] doubles = {0.1, -1e300, 1e-300, 1.0 / 3, Double.NaN};
    ByteBuffer data = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(doubles).forEach(data::putDouble);
    String header = "{\"a\":{\"dtype\":\"F64\",\"shape\":[5],\"data_offsets\":[0,40]}}";
    assertThat(
            TensorFile.read(
                    SafetensorsBytes.write(
                        directory, SafetensorsBytes.of(header.length(), header, data.array())))
                .values("a"))
        .containsExactly(0.1f, Float.NEGATIVE_INFINITY, 0, 1 / 3f, Float.NaN);
  }
}
