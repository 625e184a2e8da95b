package dev.mlit.weights;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.testing.ChildJava;
import dev.mlit.testing.HostileFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** As {@code dev.mlit.data.published.KeptFilesTest}, for weights. */
@Timeout(60)
class SafetensorsKeptFilesTest {
  @ParameterizedTest
  @MethodSource("kept")
  void areReadOrRefused(Path kept) throws IOException {
    SafetensorsFuzzer.fuzzerInitialize();
    assertThatCode(() -> SafetensorsFuzzer.fuzzerTestOneInput(Files.readAllBytes(kept)))
        .doesNotThrowAnyException();
  }

  @Test
  void theRightOneIsRead() {
    Path right = Path.of("src/test/resources/fuzz/safetensors/right-two");
    assertThat(Safetensors.read(right)).containsOnlyKeys("head.bias", "scale");
  }

  /** Sixty million bytes are text of as many characters, and a tree of them: too much for 96 MB. */
  @Tag("slow")
  @Test
  void aHeaderThatIsTooLongForTheMemoryIsRefused(@TempDir Path directory)
      throws IOException, InterruptedException {
    Path file = directory.resolve("w.safetensors");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(70_000_000);
      sparse.writeLong(Long.reverseBytes(60_000_000));
    }
    List<String> options = List.of("-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    assertThat(ChildJava.run(directory, "", options, Reader.class, file.toString()))
        .singleElement(as(STRING))
        .startsWith(file + ": not a safetensors file, or truncated: a header of 60000000 bytes");
  }

  /** Prints what is said of a file. */
  static final class Reader {
    private Reader() {}

    public static void main(String[] args) {
      try {
        Safetensors.read(Path.of(args[0]));
      } catch (InvalidInputException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  static List<Path> kept() {
    return HostileFiles.kept("safetensors");
  }
}
