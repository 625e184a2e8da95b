package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * If this fails, a model that is exported again looks changed to SHA256SUMS, to version control and
 * to a model hub, which then store and fetch all of it once more.
 */
class RepeatedExportTest {
  @TempDir private Path directory;

  @Test
  void everyFileIsTheSameByteForByte() throws IOException {
    Path first = directory.resolve("first");
    Path second = directory.resolve("second");
    RandomModel.write(first);
    RandomModel.write(second);

    List<String> files = files(first);
    assertThat(files)
        .contains("saved_model.pb", "config.json", "README.md", "variables/variables.index")
        .isEqualTo(files(second));
    for (String file : files) {
      assertThat(second.resolve(file)).hasSameBinaryContentAs(first.resolve(file));
    }
  }

  private static List<String> files(Path model) throws IOException {
    try (Stream<Path> all = Files.walk(model)) {
      return all.filter(Files::isRegularFile)
          .map(file -> model.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }
}
