package dev.mlit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.testing.TinyData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where a run is written. If it fails, a run overwrites an earlier one, a checkpoint that was cut
 * off is taken for a whole one, or a long run fills the disk.
 */
class RunDirectoryTest {
  private static final RunSpec RUN = TinyData.run().build();
  private static final List<String> LABELS = List.of("up", "down", "dark");

  @TempDir private Path temporary;

  @Test
  void firstRunOfANameHasItAsItsDirectory() {
    assertThat(RunDirectory.free(temporary, RUN)).isEqualTo(temporary.resolve("tiny"));
  }

  @Test
  void laterRunsOfANameGetNumbers() throws IOException {
    Files.createDirectory(temporary.resolve("tiny"));
    assertThat(RunDirectory.free(temporary, RUN)).isEqualTo(temporary.resolve("tiny-2"));

    Files.createDirectory(temporary.resolve("tiny-2"));
    assertThat(RunDirectory.free(temporary, RUN)).isEqualTo(temporary.resolve("tiny-3"));
  }

  @Test
  void newDirectoryIsFree() {
    RunDirectory.requireFree(temporary.resolve("new"));

    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void emptyDirectoryIsFree() {
    RunDirectory.requireFree(temporary);

    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void directoryThatHoldsAnythingIsRefused() throws IOException {
    Files.createFile(temporary.resolve(".hidden"));

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> RunDirectory.requireFree(temporary))
        .withMessage(
            "%s: exists already, a run needs a new or empty directory (--out DIR)", temporary);
  }

  @Test
  void fileIsRefused() throws IOException {
    Path file = Files.createFile(temporary.resolve("file"));

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> RunDirectory.requireFree(file))
        .withMessage("%s: exists already, a run needs a new or empty directory (--out DIR)", file);
  }

  @Test
  void directoryBelowAFileIsRefused() throws IOException {
    Path below = Files.createFile(temporary.resolve("file")).resolve("run");

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> RunDirectory.create(below, RUN, LABELS))
        .withMessageStartingWith(below + ": cannot be written: ");
  }

  @Test
  void holdsTheRunAndTheLabels() {
    create();

    RunDirectory opened = RunDirectory.open(temporary.resolve("run"));

    assertThat(opened.run()).isEqualTo(RUN);
    assertThat(opened.path().resolve("labels.txt")).hasContent("up\ndown\ndark");
    assertThat(opened.lastCheckpoint()).isNull();
  }

  @Test
  void directoryWithoutARunIsRefused() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> RunDirectory.open(temporary))
        .withMessage("%s: not a run directory, it has no run.yaml", temporary);
  }

  @Test
  void keepsTheLastTwoCheckpoints() throws IOException {
    RunDirectory directory = create();

    // From one digit to two, where the order of names is not that of numbers.
    for (int epoch = 8; epoch <= 11; epoch++) {
      directory.checkpoint(epoch, RunDirectoryTest::write);
    }

    assertThat(checkpoints(directory)).containsExactly("epoch-10", "epoch-11");
    assertThat(directory.lastCheckpoint()).isEqualTo(prefix(directory, "epoch-11"));
    assertThat(prefix(directory, "epoch-11").resolveSibling("variables.index")).exists();
  }

  @Test
  void checkpointThatFailsLeavesTheOnesBefore() throws IOException {
    RunDirectory directory = create();
    directory.checkpoint(1, RunDirectoryTest::write);
    directory.checkpoint(2, RunDirectoryTest::write);

    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                directory.checkpoint(
                    3,
                    prefix -> {
                      write(prefix);
                      throw new IllegalStateException("disk full");
                    }))
        .withMessage("disk full");

    assertThat(checkpoints(directory)).contains("epoch-1", "epoch-2").doesNotContain("epoch-3");
    assertThat(directory.lastCheckpoint()).isEqualTo(prefix(directory, "epoch-2"));
  }

  @Test
  void unfinishedCheckpointIsNoCheckpoint() throws IOException {
    RunDirectory directory = create();
    write(
        Files.createDirectories(prefix(directory, "unfinished").getParent()).resolve("variables"));

    assertThat(directory.lastCheckpoint()).isNull();
  }

  @Test
  void unfinishedCheckpointIsReplacedByTheNextOne() throws IOException {
    RunDirectory directory = create();
    Path left = Files.createDirectories(prefix(directory, "unfinished").getParent());
    Files.createFile(left.resolve("variables.data-00000-of-00001.tempstate"));

    directory.checkpoint(1, RunDirectoryTest::write);

    assertThat(checkpoints(directory)).containsExactly("epoch-1");
    assertThat(directory.path().resolve("checkpoints/epoch-1"))
        .isDirectoryNotContaining("glob:**.tempstate");
  }

  @Test
  void otherFilesBesideCheckpointsAreNone() throws IOException {
    RunDirectory directory = create();
    directory.checkpoint(1, RunDirectoryTest::write);
    Files.createDirectory(directory.path().resolve("checkpoints/epoch-9-backup"));
    Files.createDirectory(directory.path().resolve("checkpoints/best"));

    assertThat(directory.lastCheckpoint()).isEqualTo(prefix(directory, "epoch-1"));
  }

  private RunDirectory create() {
    return RunDirectory.create(temporary.resolve("run"), RUN, LABELS);
  }

  private static void write(Path prefix) {
    try {
      Files.writeString(prefix.resolveSibling(prefix.getFileName() + ".index"), "index");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path prefix(RunDirectory directory, String checkpoint) {
    return directory.path().resolve("checkpoints").resolve(checkpoint).resolve("variables");
  }

  private static List<String> checkpoints(RunDirectory directory) throws IOException {
    try (Stream<Path> content = Files.list(directory.path().resolve("checkpoints"))) {
      return content.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
