package dev.mlit.weights;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * If this fails, a file that was cut off, damaged or made to do harm is taken for weights, or ends
 * the program with a stack trace, or with all of its memory; a user does not learn what is wrong.
 */
class SafetensorsDamageTest {
  private static final String TWO_TENSORS =
      """
      {"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},\
      "b":{"dtype":"F16","shape":[3],"data_offsets":[8,14]}}""";

  @TempDir private Path directory;
  private Path file = Path.of("");

  @BeforeEach
  void name() {
    file = directory.resolve("w.safetensors");
  }

  /** Asserts that these are the problems, each on a line that names the file. */
  private void refused(byte[] bytes, String... problems) throws IOException {
    Files.write(file, bytes);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Safetensors.read(file))
        .withMessage(
            "%s", String.join("\n", Stream.of(problems).map(p -> file + ": " + p).toList()));
  }

  /** As {@link #refused(byte[], String...)}, of a header and so many bytes of data. */
  private void refused(String header, int dataBytes, String... problems) throws IOException {
    refused(SafetensorsBytes.of(header, dataBytes), problems);
  }

  // ---- The file ----

  @Test
  void noFile() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Safetensors.read(file))
        .withMessage("%s: no such file", file);
  }

  @Test
  void aDirectory() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Safetensors.read(directory))
        .withMessageStartingWith(directory + ": ");
  }

  /** Whole it is read; one byte less and it is refused, whichever byte it ends with. */
  @Test
  void cutOffAnywhere() throws IOException {
    byte[] whole = SafetensorsBytes.of(TWO_TENSORS, 14);
    assertThat(Safetensors.read(Files.write(file, whole))).containsOnlyKeys("a", "b");
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatExceptionOfType(InvalidInputException.class)
          .as("%d of %d bytes", length, whole.length)
          .isThrownBy(() -> Safetensors.read(file))
          .withMessageStartingWith(file + ": ");
    }
  }

  @Test
  void bytesBehindTheLastTensor() throws IOException {
    refused(TWO_TENSORS, 15, "1 bytes after the last tensor belong to none");
    refused("{}", 3, "3 bytes after the last tensor belong to none");
  }

  /** Other files that users have at hand, and one bit wrong in one place. */
  @Property(tries = 1000)
  void flippedBitsAreReadOrRefused(
      @ForAll @IntRange(min = 1, max = 6) int flips, @ForAll Random random) throws IOException {
    byte[] bytes = SafetensorsBytes.of(TWO_TENSORS, 14);
    for (int i = 0; i < flips; i++) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    readOrRefused(bytes);
  }

  /** Numbers, brackets and quotes in wrong places get further than flipped bits. */
  @Property(tries = 1000)
  void headersWithWrongCharactersAreReadOrRefused(
      @ForAll @IntRange(min = 1, max = 6) int changes, @ForAll Random random) throws IOException {
    StringBuilder header = new StringBuilder(TWO_TENSORS);
    String characters = "0123456789-.eE\"[]{},: abF\\n\u0000\u00e9";
    for (int i = 0; i < changes; i++) {
      String character = String.valueOf(characters.charAt(random.nextInt(characters.length())));
      int at = random.nextInt(header.length());
      header.replace(at, at + random.nextInt(2), character);
    }
    readOrRefused(SafetensorsBytes.of(header.toString(), 14));
  }

  @Property(tries = 300)
  void anyBytesAreReadOrRefused(@ForAll byte[] bytes) throws IOException {
    readOrRefused(bytes);
    if (bytes.length >= 2) {
      readOrRefused(
          ByteBuffer.allocate(8 + bytes.length)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(bytes.length)
              .put(bytes)
              .array());
    }
  }

  private static void readOrRefused(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("mlit", ".safetensors");
    try {
      Safetensors.read(Files.write(file, bytes));
    } catch (InvalidInputException e) {
      assertThat(e).hasMessageStartingWith(file + ": ");
    } finally {
      Files.delete(file);
    }
  }

  // ---- The length of the header ----

  @Test
  void tooShortForALength() throws IOException {
    refused(new byte[0], "not a safetensors file: 0 bytes, must be at least 8");
    refused(new byte[7], "not a safetensors file: 7 bytes, must be at least 8");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "9223372036854775807, 9223372036854775807",
    "-1, 18446744073709551615",
    "-9223372036854775808, 9223372036854775808",
    "4294967298, 4294967298",
    "111, 111"
  })
  void aHeaderOfNoPossibleLength(long length, String shown) throws IOException {
    refused(
        SafetensorsBytes.of(length, TWO_TENSORS.substring(0, 102), new byte[0]),
        "not a safetensors file, or truncated: a header of "
            + shown
            + " bytes must be at least 2 and at most 102");
  }

  // ---- The header ----

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":",
        "PK\u0003\u0004",
        "{}{}",
        "{} x",
        "{}]",
        "{'a':1}",
        "{\"a\":NaN}",
        "\u0000\u0000"
      })
  void aHeaderThatIsNoJson(String header) throws IOException {
    Files.write(file, SafetensorsBytes.of(header, 0));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Safetensors.read(file))
        .withMessageStartingWith(file + ": not a safetensors file: the header is no JSON: ")
        .extracting(Throwable::getMessage, as(STRING))
        .hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "12", "\"a\"", "null", "  ", "true"})
  void aHeaderThatIsNoObject(String header) throws IOException {
    refused(header, 0, "the header must be a JSON object");
  }

  @Test
  void aNameTwice() throws IOException {
    String tensor = "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
    refused(
        "{" + tensor + "," + tensor + "}",
        4,
        "not a safetensors file: the header is no JSON: Duplicate field 'a'");
  }

  /** A parser that follows it down would overflow the stack. */
  @Test
  void aHeaderThatIsNestedDeeply() throws IOException {
    Files.write(file, SafetensorsBytes.of("[".repeat(1_000_000), 0));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Safetensors.read(file))
        .withMessageStartingWith(file + ": not a safetensors file: the header is no JSON: ");
  }

  // ---- A tensor ----

  /** A header of one tensor, in 8 bytes of data. */
  private static String tensor(String type, String shape, String offsets) {
    return String.format(
        Locale.ROOT,
        "{\"a\":{\"dtype\":%s,\"shape\":%s,\"data_offsets\":%s}}",
        type,
        shape,
        offsets);
  }

  @ParameterizedTest
  @ValueSource(strings = {"I64", "U8", "BOOL", "F8_E4M3", "f32", "F32 ", ""})
  void numbersThatAreNoFloats(String type) throws IOException {
    refused(
        tensor('"' + type + '"', "[2]", "[0,8]"),
        8,
        "a: dtype \"" + type + "\" must be F32, F64, F16 or BF16");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "{}", "[]"})
  void aTypeThatIsNoText(String type) throws IOException {
    Files.write(file, SafetensorsBytes.of(tensor(type, "[2]", "[0,8]"), 8));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Safetensors.read(file))
        .withMessageStartingWith(file + ": a: dtype ")
        .withMessageEndingWith("must be F32, F64, F16 or BF16");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2",
        "null",
        "{}",
        "\"2\"",
        "[-2]",
        "[2.0]",
        "[null]",
        "[\"2\"]",
        "[[2]]",
        "[9223372036854775808]"
      })
  void aShapeThatIsNoListOfSizes(String shape) throws IOException {
    refused(tensor("\"F32\"", shape, "[0,8]"), 8, "a: shape " + shape + " must be a list of sizes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8",
        "null",
        "[]",
        "[8]",
        "[0,4,8]",
        "[0,8.0]",
        "[-1,7]",
        "[0,\"8\"]",
        "[0,9223372036854775808]",
        "{\"begin\":0,\"end\":8}"
      })
  void offsetsThatAreNone(String offsets) throws IOException {
    refused(
        tensor("\"F32\"", "[2]", offsets),
        8,
        "a: data_offsets " + offsets + " must be [begin, end]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[0,9]",
        "[8,0]",
        "[8,16]",
        "[0,9223372036854775807]",
        "[9223372036854775807,9223372036854775807]"
      })
  void offsetsOutsideOfTheData(String offsets) throws IOException {
    refused(
        tensor("\"F32\"", "[2]", offsets),
        8,
        "a: data_offsets "
            + offsets
            + " must lie in the 8 bytes of data; the file may be truncated");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "F32; [1]",
        "F32; [3]",
        "F64; [2]",
        "F16; [2]",
        "F32; [0]",
        "F32; [2,2]",
        // As 32 or 64 bits these would be 8 bytes.
        "F32; [1073741826]",
        "F32; [4611686018427387906]",
        "F32; [4294967296,4294967296,2]",
        "F32; [2,9223372036854775807]",
        "F32; [9223372036854775807,9223372036854775807,2]"
      })
  void aShapeThatDoesNotFillTheOffsets(String type, String shape) throws IOException {
    refused(
        tensor('"' + type + '"', shape, "[0,8]"),
        8,
        "a: " + type + shape.replace(",", ", ") + " does not fill data_offsets [0,8]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "[]", "null", "\"F32\"", "{}"})
  void aTensorThatIsNone(String tensor) throws IOException {
    Files.write(file, SafetensorsBytes.of("{\"a\":" + tensor + "}", 0));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Safetensors.read(file))
        .withMessageStartingWith(file + ": a: shape ");
  }

  // ---- Several tensors ----

  /** Two tensors of 4 bytes. */
  private static String tensors(String offsetsOfA, String offsetsOfB) {
    return String.format(
        Locale.ROOT,
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":%s},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":%s}}",
        offsetsOfA,
        offsetsOfB);
  }

  @Test
  void tensorsThatOverlap() throws IOException {
    refused(
        tensors("[0,4]", "[2,6]"),
        6,
        "b: begins at byte 2 of the data, must follow the tensor before it at 4, they overlap");
    refused(
        tensors("[0,4]", "[0,4]"),
        4,
        "b: begins at byte 0 of the data, must follow the tensor before it at 4, they overlap");
  }

  @Test
  void tensorsWithAGap() throws IOException {
    refused(
        tensors("[0,4]", "[6,10]"),
        10,
        "b: begins at byte 6 of the data, must follow the tensor before it at 4, there is a gap");
    refused(
        tensors("[1,5]", "[5,9]"),
        9,
        "a: begins at byte 1 of the data, must follow the tensor before it at 0, there is a gap");
  }

  @Test
  void everyProblemIsListed() throws IOException {
    refused(
        """
        {"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]},\
        "b":{"dtype":"I8","shape":[4],"data_offsets":[0,4]},\
        "c":{"dtype":"F32","shape":[1],"data_offsets":[4]},\
        "d":{"dtype":"F32","shape":[2],"data_offsets":[4,8]},\
        "e":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""",
        8,
        "a: shape [-1] must be a list of sizes",
        "c: data_offsets [4] must be [begin, end]",
        "d: F32[2] does not fill data_offsets [4,8]",
        "e: data_offsets [8,12] must lie in the 8 bytes of data; the file may be truncated",
        "b: dtype \"I8\" must be F32, F64, F16 or BF16");
    refused(
        """
        {"a":{"dtype":"F32","shape":[1],"data_offsets":[2,6]},\
        "b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
        11,
        "a: begins at byte 2 of the data, must follow the tensor before it at 0, there is a gap",
        "b: begins at byte 4 of the data, must follow the tensor before it at 6, they overlap",
        "3 bytes after the last tensor belong to none");
  }
}
