package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.mlit.testing.Mlit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that is told to stop, or started twice. If this fails, a hasty Ctrl-C costs a user what was
 * trained, or two processes spoil each other's run.
 */
@Tag("slow")
class StoppedRunTest {
  @TempDir private Path directory;
  private DisturbedRun run;

  @BeforeEach
  void describe() throws IOException {
    run = new DisturbedRun(directory);
  }

  @Test
  void ctrlCSavesTheRunAndSaysHowToGoOn() throws Exception {
    assumeFalse(
        ignoresInterrupts(), "a shell's background job ignores SIGINT, and so do its children");
    assertSignalSaves("INT", 130);
  }

  private static boolean ignoresInterrupts() throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
  }

  @Test
  void terminationSavesTheRunAndSaysHowToGoOn() throws Exception {
    assertSignalSaves("TERM", 143);
  }

  private void assertSignalSaves(String signal, int exit) throws Exception {
    try (Mlit mlit = run.start()) {
      DisturbedRun.await(mlit, () -> Files.exists(run.checkpoint("step-21")));
      mlit.signal(signal);
      assertThat(mlit.exit()).isEqualTo(exit);
      assertThat(mlit.errors())
          .contains("stopping after this step, and saving")
          .containsPattern(
              "stopped after step \\d+ of 314; all of it is saved, go on with:"
                  + " \\./mlit train --resume run");
    }
    try (Mlit mlit = run.resume()) {
      assertThat(mlit.exit()).as(mlit.errors()).isZero();
    }
    run.assertSameAsUndisturbed(signal);
  }

  @Test
  void secondProcessInTheSameDirectoryIsRefusedAndTheFirstGoesOn() throws Exception {
    try (Mlit first = run.start()) {
      DisturbedRun.await(first, () -> Files.exists(run.checkpoint("step-7")));
      try (Mlit second = run.resume()) {
        assertThat(second.exit()).isEqualTo(2);
        assertThat(second.errors())
            .isEqualToNormalizingNewlines(
                "run: process "
                    + first.pid()
                    + " is training here; wait for it to end, or choose another directory"
                    + " (--out DIR)\n");
      }
      assertThat(first.exit()).as(first.errors()).isZero();
    }
    run.assertSameAsUndisturbed("first");
  }
}
