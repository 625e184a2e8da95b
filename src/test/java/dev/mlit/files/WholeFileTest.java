package dev.mlit.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that are whole or not there. If it fails, a report, a table or the description of a run is
 * cut off by a full disk or an interrupt, or a user's link or file beside it is lost.
 */
class WholeFileTest {
  @TempDir private Path directory;

  @Test
  void replacesTheOldFileAndLeavesNothingBeside() throws IOException {
    Path file = Files.writeString(directory.resolve("a.txt"), "old");

    WholeFile.write(file, "new");

    assertThat(file).hasContent("new");
    assertThat(directory).isDirectoryContaining(file::equals);
    assertThat(directory.toFile().list()).hasSize(1);
  }

  @Test
  void theOldFileStaysWhereTheNewOneFails() throws IOException {
    Path file = Files.writeString(directory.resolve("a.txt"), "old");

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () ->
                WholeFile.write(
                    file,
                    out -> {
                      out.write(1);
                      throw new IOException("No space left on device");
                    }));

    assertThat(file).hasContent("old");
    assertThat(directory.toFile().list()).hasSize(1);
  }

  /** A user's file of a name that mlit used to take for its own. */
  @Test
  void filesBesideStay() throws IOException {
    Path mine = Files.writeString(directory.resolve("a.txt.unfinished"), "mine");

    WholeFile.write(directory.resolve("a.txt"), "new");

    assertThat(mine).hasContent("mine");
  }

  @Test
  void aLinkStaysAndWhatItPointsToIsWritten() throws IOException {
    Path file = Files.writeString(directory.resolve("a.txt"), "old");
    Path link = Files.createSymbolicLink(directory.resolve("link.txt"), file.getFileName());

    WholeFile.write(link, "new");

    assertThat(link).isSymbolicLink();
    assertThat(file).hasContent("new");
  }

  @Test
  void aDeviceIsWrittenToAndItsErrorIsOne() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> WholeFile.write(Path.of("/dev/full"), "new"))
        .withMessageContaining("No space left on device");
    assertThat(Path.of("/dev/full")).exists().isWritable();
  }

  @Test
  void anInterruptedThreadWritesAllOfItAndStaysInterrupted() throws IOException {
    Path file = directory.resolve("a.txt");
    Thread.currentThread().interrupt();
    try {
      WholeFile.write(file, "ä".repeat(100_000).getBytes(StandardCharsets.UTF_8));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(file).hasSize(200_000);
  }
}
