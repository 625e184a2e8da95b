package dev.mlit.weights;

import dev.mlit.testing.HostileFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** As {@code dev.mlit.data.published.ReaderFuzzer}, for weights. */
public final class SafetensorsFuzzer {
  private static Path directory = Path.of("");

  private SafetensorsFuzzer() {}

  public static void fuzzerInitialize() throws IOException {
    directory = Files.createTempDirectory("fuzz");
  }

  /** Reads what the fuzzer made up. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    Path file = Files.write(directory.resolve("w.safetensors"), input);
    HostileFiles.readOrRefuse(file, () -> Safetensors.read(file));
  }
}
