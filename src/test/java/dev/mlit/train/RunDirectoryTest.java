package dev.mlit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.testing.TinyData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
            "%s: exists already, a run needs a new or empty directory (Trainer.directory)",
            temporary);
  }

  @Test
  void fileIsRefused() throws IOException {
    Path file = Files.createFile(temporary.resolve("file"));

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> RunDirectory.requireFree(file))
        .withMessage(
            "%s: exists already, a run needs a new or empty directory (Trainer.directory)", file);
  }

  @Test
  void directoryBelowAFileIsRefused() throws IOException {
    Path below = Files.createFile(temporary.resolve("file")).resolve("run");

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> RunDirectory.make(below))
        .withMessageStartingWith(below + ": cannot be written: ");
  }

  @Test
  void holdsTheRunAndTheLabels() {
    create();

    RunDirectory opened = RunDirectory.open(temporary.resolve("run"));

    assertThat(opened.run()).isEqualTo(RUN);
    assertThat(opened.path().resolve("labels.txt")).hasContent("up\ndown\ndark");
    assertThat(opened.lastCheckpoint()).isNull();
    assertThat(opened.labels()).isEqualTo(LABELS);
  }

  @Test
  void directoryWithoutARunIsRefused() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> RunDirectory.open(temporary))
        .withMessage("%s: not a run directory, it has no run.yaml", temporary);
  }

  private RunDirectory create() {
    RunDirectory.make(temporary.resolve("run"));
    return RunDirectory.create(temporary.resolve("run"), RUN, LABELS);
  }
}
