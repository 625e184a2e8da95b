package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.mlit.testing.HostileFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** As {@code dev.mlit.data.KeptFilesTest}, for weights. */
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

  static List<Path> kept() {
    return HostileFiles.kept("safetensors");
  }
}
