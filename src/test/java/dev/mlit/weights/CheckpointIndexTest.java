package dev.mlit.weights;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.testing.HostileFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.BundleEntryProto;
import org.tensorflow.proto.BundleHeaderProto;
import org.tensorflow.proto.BundleHeaderProto.Endianness;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorShapeProto.Dim;

/**
 * Indexes of checkpoints that somebody has made by hand, every checksum right. If this fails, one
 * kilobyte ends a whole service: TensorFlow's own reader aborts the process on some of these.
 */
class CheckpointIndexTest {
  private static final int CRAFTED = 200;
  private static final String NAME = "head/kernel";

  @TempDir private Path directory;
  private Path prefix = Path.of("");
  private Path index = Path.of("");
  private final Map<String, byte[]> rows = new LinkedHashMap<>();

  @BeforeEach
  void write() throws IOException {
    prefix = directory.resolve("variables");
    index = directory.resolve("variables.index");
    Map<String, Weights.Array> weights = new LinkedHashMap<>();
    weights.put("head/bias", new Weights.Array(List.of(2L), new float[] {1, 2}));
    weights.put(NAME, new Weights.Array(List.of(2L, 3L), new float[] {1, 2, 3, 4, 5, 6}));
    Weights.of(weights).write(prefix);
    rows.putAll(IndexBytes.rows(Files.readAllBytes(index)));
  }

  private byte[] row(String key) {
    return Objects.requireNonNull(rows.get(key));
  }

  private static Weights.Array read(Path prefix, String name) {
    return Objects.requireNonNull(read(prefix).get(name));
  }

  private void change(Consumer<BundleEntryProto.Builder> change) throws IOException {
    BundleEntryProto.Builder entry = BundleEntryProto.parseFrom(row(NAME)).toBuilder();
    change.accept(entry);
    Map<String, byte[]> changed = new LinkedHashMap<>(rows);
    changed.put(NAME, entry.build().toByteArray());
    Files.write(index, IndexBytes.of(changed));
  }

  private void header(Consumer<BundleHeaderProto.Builder> change) throws IOException {
    BundleHeaderProto.Builder header = BundleHeaderProto.parseFrom(row("")).toBuilder();
    change.accept(header);
    Map<String, byte[]> changed = new LinkedHashMap<>(rows);
    changed.put("", header.build().toByteArray());
    Files.write(index, IndexBytes.of(changed));
  }

  private void refused(String problem) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> read(prefix))
        .withMessage("%s: a damaged checkpoint: %s", prefix, problem);
  }

  /** All that is of floating-point numbers, and the graph of objects. */
  static Map<String, Weights.Array> read(Path prefix) {
    CheckpointFile checkpoint = CheckpointFile.open(prefix);
    checkpoint.objects();
    return checkpoint.read(
        checkpoint.tensors().entrySet().stream()
            .filter(entry -> entry.getValue().isFloat())
            .map(Map.Entry::getKey)
            .toList());
  }

  private static void sizes(BundleEntryProto.Builder entry, long... sizes) {
    entry.getShapeBuilder().clearDim();
    for (long size : sizes) {
      entry.getShapeBuilder().addDim(Dim.newBuilder().setSize(size));
    }
  }

  /** The writer of this test, and the reader, agree with TensorFlow. */
  @Test
  void whatIsWrittenAgainIsTheSame() throws IOException {
    Files.write(index, IndexBytes.of(rows));
    assertThat(read(prefix, NAME).values()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(read(prefix, "head/bias").shape()).containsExactly(2L);
  }

  @Test
  void sizesThatCannotBe() throws IOException {
    change(entry -> sizes(entry, -2, -3));
    refused("variables.index: head/kernel is [-2, -3], which is no shape");
    change(entry -> sizes(entry, 1L << 32, 1L << 32, 0));
    refused("variables.index: head/kernel is [4294967296, 4294967296, 0], which is no shape");
    change(entry -> sizes(entry, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9));
    refused(
        "variables.index: head/kernel: 24 bytes do not fill DT_FLOAT [9, 9, 9, 9, 9, 9, 9, 9 and 2"
            + " more]");
    change(entry -> sizes(entry, 1L << 62));
    refused("variables.index: head/kernel: 24 bytes do not fill DT_FLOAT [4611686018427387904]");
    change(entry -> entry.getShapeBuilder().setUnknownRank(true));
    refused("variables.index: head/kernel has no shape");
    change(entry -> sizes(entry, new long[255]));
    refused("variables.index: head/kernel has no shape");
  }

  @Test
  void anotherTypeOfAnotherSize() throws IOException {
    change(entry -> entry.setDtype(DataType.DT_DOUBLE));
    refused("variables.index: head/kernel: 24 bytes do not fill DT_DOUBLE [2, 3]");
  }

  @Test
  void placesThatCannotBe() throws IOException {
    change(entry -> entry.setOffset(-1));
    refused("variables.index: head/kernel begins at byte -1 and has 24, which cannot be");
    change(entry -> entry.setOffset(Long.MAX_VALUE));
    refused(
        "variables.index: head/kernel begins at byte 9223372036854775807 and has 24, which cannot"
            + " be");
    change(entry -> entry.setOffset(9));
    refused(
        "variables.data-00000-of-00001 has 32 bytes, but head/kernel ends at byte 33; the file may"
            + " be truncated");
    change(entry -> entry.setShardId(1));
    refused("variables.index: head/kernel is in file 1 of 1, counted from 0");
  }

  /** Another variable's values have another sum. */
  @Test
  void theValuesOfAnotherPlace() throws IOException {
    change(entry -> entry.setOffset(4));
    refused("the checksum of the values of head/kernel does not agree");
  }

  /** Its numbers would all be read in the wrong order, and most of them as NaN or next to 0. */
  @Test
  void numbersOfTheOtherEndianness() throws IOException {
    header(header -> header.setEndianness(Endianness.BIG));
    refused("variables.index: its numbers are big-endian, must be little-endian");
  }

  @Test
  void aVersionThatIsNotKnown() throws IOException {
    header(header -> header.getVersionBuilder().setProducer(7).setMinConsumer(2));
    refused("variables.index: it is of a later version, 7, must be 1");
    header(header -> header.getVersionBuilder().addBadConsumers(1));
    refused("variables.index: it is of a later version, 1, must be 1");
  }

  @Test
  void aVariableInParts() throws IOException {
    change(entry -> entry.addSlicesBuilder().addExtentBuilder());
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> read(prefix))
        .withMessage(
            "%s: head/kernel is stored in parts (a partitioned variable), must be whole", prefix);
  }

  @Test
  void keysThatAreNotInOrder() throws IOException {
    Map<String, byte[]> turned = new LinkedHashMap<>();
    turned.put("", row(""));
    turned.put("z", row(NAME));
    turned.put("a", row(NAME));
    Files.write(index, IndexBytes.of(turned));
    refused("variables.index: its keys are not in order");
  }

  /**
   * A line break in it would make two lines of an error, the second of which says what it likes.
   */
  @Test
  void namesThatWouldNotFitIntoAMessage() throws IOException {
    for (String name : List.of("head\nkernel", "a".repeat(1001))) {
      Map<String, byte[]> renamed = new LinkedHashMap<>();
      renamed.put("", row(""));
      renamed.put(name, row(NAME));
      Files.write(index, IndexBytes.of(renamed));
      refused(
          "variables.index: the name of a tensor has "
              + (name.length() > 1000 ? "more than 1000 characters" : "a control character"));
    }
  }

  /** Of one letter each, but a long beginning that they share: four bytes stand for 60,000. */
  @Test
  void namesThatGrowWithoutEnd() throws IOException {
    ByteArrayOutputStream entries = new ByteArrayOutputStream();
    IndexBytes.entry(entries, 0, new byte[0], row(""));
    IndexBytes.entry(entries, 0, "a".repeat(60_000).getBytes(US_ASCII), new byte[0]);
    for (int i = 0; i < 100_000; i++) {
      IndexBytes.entry(entries, 60_000, new byte[] {1}, new byte[0]);
    }
    Files.write(index, IndexBytes.table(entries));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> CheckpointFile.open(prefix))
        .withMessageContaining("its names take more than ");
  }

  /** Each is read, or refused with one clear message; none ends the process. */
  @Test
  void twoHundredCraftedIndexes() throws IOException {
    List<Long> numbers = new ArrayList<>(List.of(0L, 1L, 2L, 3L, 6L, 24L, 32L));
    for (int bits : List.of(7, 15, 31, 32, 33, 61, 62, 63)) {
      numbers.addAll(List.of(1L << bits, (1L << bits) - 1, -(1L << bits)));
    }
    Random random = new Random(1);
    int read = 0;
    for (int i = 0; i < CRAFTED; i++) {
      int kind = i % 10;
      if (kind == 0) {
        header(
            header ->
                header
                    .setNumShards((int) any(numbers, random))
                    .setEndiannessValue(random.nextInt(3))
                    .getVersionBuilder()
                    .setMinConsumer((int) any(numbers, random)));
      } else {
        change(entry -> craft(entry, kind, numbers, random));
      }
      int before = read;
      HostileFiles.readOrRefuse(prefix, () -> read(prefix));
      read = before + 1;
    }
    assertThat(read).isEqualTo(CRAFTED);
  }

  private static void craft(
      BundleEntryProto.Builder entry, int kind, List<Long> numbers, Random random) {
    switch (kind) {
      case 1, 2, 3 -> {
        long[] sizes = new long[random.nextInt(4)];
        for (int d = 0; d < sizes.length; d++) {
          sizes[d] = any(numbers, random);
        }
        sizes(entry, sizes);
        if (kind == 3) {
          entry.setSize(any(numbers, random));
        }
      }
      case 4 -> entry.setDtypeValue(random.nextInt(140) - 5);
      case 5 -> entry.setOffset(any(numbers, random));
      case 6 -> entry.setSize(any(numbers, random));
      case 7 -> entry.setShardId((int) any(numbers, random));
      case 8 -> {
        entry.setDtypeValue(random.nextInt(30)).setOffset(any(numbers, random));
        sizes(entry, any(numbers, random), any(numbers, random));
      }
      default -> entry.addSlicesBuilder().addExtentBuilder().setStart(any(numbers, random));
    }
  }

  private static long any(List<Long> numbers, Random random) {
    return numbers.get(random.nextInt(numbers.size()));
  }
}
