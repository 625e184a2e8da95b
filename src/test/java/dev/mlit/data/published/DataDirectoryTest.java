package dev.mlit.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.advice.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If this fails, a user's files are there and not found, or other files are read than he named. */
class DataDirectoryTest {
  private static final Message BUY = Message.of("buy them");

  @Test
  void whatTheUserNamedComesFirst(@TempDir Path root) throws IOException {
    Path given = Files.createDirectory(root.resolve("given"));
    Files.createDirectory(root.resolve("stamps"));
    assertThat(find(given, root.toString(), root)).isEqualTo(given);
  }

  @Test
  void whatTheUserNamedIsNotReplaced(@TempDir Path root) throws IOException {
    Files.createDirectory(root.resolve("stamps"));
    Path given = root.resolve("absent");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> find(given, root.toString(), root))
        .withMessage("data.directory: %s must be a directory with the files of stamps", given);
  }

  @Test
  void theVariableComesBeforeTheSystem(@TempDir Path root) throws IOException {
    Path stamps = Files.createDirectory(root.resolve("stamps"));
    assertThat(find(null, root.toString(), root)).isEqualTo(stamps);
  }

  @Test
  void theSystemComesLast(@TempDir Path root) {
    assertThat(find(null, root.toString(), root)).isEqualTo(root);
    assertThat(find(null, "", root)).isEqualTo(root);
    assertThat(find(null, null, root)).isEqualTo(root);
  }

  @Test
  void saysWhereItLooked(@TempDir Path root) {
    Path system = root.resolve("system");
    Path data = root.resolve("data");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> find(null, data.toString(), system))
        .withMessage(
            "stamps: found in none of %s, %s, %s; buy them",
            data.resolve("stamps"), Path.of("data", "stamps"), system);
  }

  @Test
  void prefersThePackedFile(@TempDir Path root) throws IOException {
    Files.createFile(root.resolve("images"));
    assertThat(DataDirectory.file(root, "images", BUY)).isEqualTo(root.resolve("images"));
    Files.createFile(root.resolve("images.gz"));
    assertThat(DataDirectory.file(root, "images", BUY)).isEqualTo(root.resolve("images.gz"));
  }

  @Test
  void namesTheFileThatIsMissing(@TempDir Path root) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> DataDirectory.file(root, "images", BUY))
        .withMessage("%s: has neither images.gz nor images; buy them", root);
  }

  private static Path find(@Nullable Path given, @Nullable String data, Path system) {
    return DataDirectory.find("stamps", given, data, system, BUY);
  }
}
