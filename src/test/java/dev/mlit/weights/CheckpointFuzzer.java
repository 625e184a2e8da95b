package dev.mlit.weights;

import dev.mlit.testing.HostileFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** As {@code dev.mlit.data.published.ReaderFuzzer}, for the index of a checkpoint. */
public final class CheckpointFuzzer {
  /** Kept inputs that are whole files. */
  static final String INDEX = "checkpoint-index";

  /** Kept inputs that are what a file's one block holds; no fuzzer guesses the checksum of it. */
  static final String ENTRIES = "checkpoint-entries";

  private static Path prefix = Path.of("");
  private static boolean whole;

  private CheckpointFuzzer() {}

  /** Chooses the kind of input by the name of the folder of its kept inputs. */
  public static void fuzzerInitialize(String[] arguments) throws IOException {
    whole = arguments[0].equals(INDEX);
    prefix = Files.createTempDirectory("fuzz").resolve("variables");
    weights().write(prefix);
  }

  /** Reads what the fuzzer made up, and the values of all variables that it names. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    write(input);
    HostileFiles.readOrRefuse(prefix, () -> CheckpointIndexTest.read(prefix));
  }

  /** Those whose index the right inputs are, in the order in which their values lie in the file. */
  static Weights weights() {
    Map<String, Weights.Array> arrays = new LinkedHashMap<>();
    arrays.put("head/bias", new Weights.Array(List.of(2L), new float[] {1, 2}));
    arrays.put("head/kernel", new Weights.Array(List.of(2L, 3L), new float[] {1, 2, 3, 4, 5, 6}));
    return Weights.of(arrays);
  }

  static void write(byte[] input) throws IOException {
    byte[] index = input;
    if (!whole) {
      ByteArrayOutputStream entries = new ByteArrayOutputStream();
      entries.writeBytes(input);
      index = IndexBytes.table(entries);
    }
    Files.write(prefix.resolveSibling("variables.index"), index);
  }

  static Map<String, Weights.Array> read() {
    return CheckpointIndexTest.read(prefix);
  }
}
