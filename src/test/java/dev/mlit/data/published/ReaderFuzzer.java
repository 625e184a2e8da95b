package dev.mlit.data.published;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the fuzzer Jazzer calls, again and again, to look for files on which a reader breaks; {@code
 * src/tools/fuzz} starts it.
 */
public final class ReaderFuzzer {
  private static FuzzedReader reader = FuzzedReader.IDX_IMAGES;
  private static Path directory = Path.of("");

  private ReaderFuzzer() {}

  /** Chooses the reader by the name of the folder of its kept inputs. */
  public static void fuzzerInitialize(String[] arguments) throws IOException {
    reader = FuzzedReader.inFolder(arguments[0]);
    directory = Files.createTempDirectory("fuzz");
  }

  /** Reads what the fuzzer made up. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    reader.run(directory, input);
  }
}
