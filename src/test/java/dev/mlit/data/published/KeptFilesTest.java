package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.mlit.testing.HostileFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The files of src/test/resources/fuzz, on which a fuzzer broke a reader once or came far into it.
 * If this fails, so does a program that is given a damaged or hostile file: with a stack trace,
 * with all of its memory, or never.
 */
@Timeout(60)
class KeptFilesTest {
  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource
  void areReadOrRefused(FuzzedReader reader, String name, Path kept, @TempDir Path directory)
      throws IOException {
    assertThatCode(() -> reader.run(directory, Files.readAllBytes(kept)))
        .as("%s", name)
        .doesNotThrowAnyException();
  }

  static Stream<Arguments> areReadOrRefused() {
    return Stream.of(FuzzedReader.values())
        .flatMap(
            reader ->
                HostileFiles.kept(reader.folder()).stream()
                    .map(file -> Arguments.of(reader, file.getFileName().toString(), file)));
  }

  /** Else the fuzzer would only ever see the first check of a reader. */
  @ParameterizedTest
  @EnumSource
  void rightOnesAreRead(FuzzedReader reader, @TempDir Path directory) throws IOException {
    List<Path> right =
        HostileFiles.kept(reader.folder()).stream()
            .filter(file -> file.getFileName().toString().startsWith("right-"))
            .toList();
    assertThat(right).isNotEmpty();
    for (Path file : right) {
      Path copy = reader.file(directory);
      reader.write(copy, Files.readAllBytes(file));
      reader.read(copy);
    }
  }
}
