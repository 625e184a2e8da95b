package dev.mlit.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.mlit.testing.HostileFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** As {@code dev.mlit.data.published.KeptFilesTest}, for the index of a checkpoint. */
@Timeout(60)
class CheckpointKeptFilesTest {
  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource
  void areReadOrRefused(String folder, Path kept) throws IOException {
    CheckpointFuzzer.fuzzerInitialize(new String[] {folder});
    assertThatCode(() -> CheckpointFuzzer.fuzzerTestOneInput(Files.readAllBytes(kept)))
        .doesNotThrowAnyException();
  }

  static Stream<Arguments> areReadOrRefused() {
    return Stream.of(CheckpointFuzzer.INDEX, CheckpointFuzzer.ENTRIES)
        .flatMap(folder -> HostileFiles.kept(folder).stream().map(f -> Arguments.of(folder, f)));
  }

  /** Else the fuzzer would only ever see the first check of the reader. */
  @ParameterizedTest
  @ValueSource(strings = {CheckpointFuzzer.INDEX, CheckpointFuzzer.ENTRIES})
  void theRightOneIsRead(String folder) throws IOException {
    CheckpointFuzzer.fuzzerInitialize(new String[] {folder});
    Path right =
        HostileFiles.kept(folder).stream()
            .filter(file -> file.endsWith("right-two"))
            .findFirst()
            .orElseThrow();
    CheckpointFuzzer.write(Files.readAllBytes(right));
    assertThat(CheckpointFuzzer.read().keySet())
        .isEqualTo(CheckpointFuzzer.weights().arrays().keySet());
  }
}
