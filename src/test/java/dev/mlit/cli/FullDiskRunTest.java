package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.testing.Mlit;
import dev.mlit.train.RunDirectory;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run whose disk takes no more. If this fails, a full disk ends a run of days with a stack trace,
 * or takes the last good checkpoint with it.
 */
@Tag("slow")
class FullDiskRunTest {
  @TempDir private Path directory;

  /** A file system in memory, that the test fills. */
  @Test
  void fullDiskEndsTheRunWithOneErrorAndItGoesOnWhenThereIsRoom() throws Exception {
    try (SmallDisk disk = SmallDisk.mounted(directory)) {
      DisturbedRun run = new DisturbedRun(directory);
      try (Mlit mlit = run.start()) {
        DisturbedRun.await(mlit, () -> Files.exists(run.checkpoint("step-21")));
        disk.fill();
        assertEndsWell(run, mlit, "No space left on device");
      }
      disk.makeRoom();
      assertGoesOn(run);
    }
  }

  /** Where nothing can be mounted: a process that may write short files alone from some step on. */
  @Test
  void fileThatBecomesTooLargeEndsTheRunWithOneErrorAndItGoesOnWithoutTheLimit() throws Exception {
    DisturbedRun run = new DisturbedRun(directory);
    try (Mlit mlit = run.start()) {
      DisturbedRun.await(mlit, () -> Files.exists(run.checkpoint("step-21")));
      require("prlimit", "--fsize=10000", "--pid=" + mlit.pid());
      assertEndsWell(run, mlit, "File too large");
    }
    assertGoesOn(run);
  }

  private static void assertEndsWell(DisturbedRun run, Mlit mlit, String reason) throws Exception {
    assertThat(mlit.exit()).as(mlit.errors()).isEqualTo(1);
    List<String> lines = mlit.errors().lines().toList();
    assertThat(lines).as(mlit.errors()).hasSize(2);
    assertThat(lines.get(0)).contains("images to train on");
    assertThat(lines.get(1))
        .startsWith("run/")
        .endsWith(
            ": cannot be written: "
                + reason
                + "; make room, then go on with: ./mlit train --resume run");
    assertThat(RunDirectory.open(run.path()).lastCheckpoint()).isNotNull();
  }

  private static void assertGoesOn(DisturbedRun run) throws Exception {
    try (Mlit mlit = run.resume()) {
      assertThat(mlit.exit()).as(mlit.errors()).isZero();
      assertThat(mlit.errors()).doesNotContain("damaged", "from the beginning");
    }
    run.assertSameAsUndisturbed("made room");
  }

  /** Runs a command; skips the test, with what it says, where it does not work. */
  private static void require(String... command) throws IOException, InterruptedException {
    String said;
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() == 0) {
        return;
      }
    } catch (IOException e) {
      said = String.valueOf(e.getMessage());
    }
    String message = "FullDiskRunTest skips a test: " + String.join(" ", command) + ": " + said;
    System.err.println(message);
    Assumptions.abort(message);
  }

  /** A file system of its own, of a few megabytes. */
  private record SmallDisk(Path place) implements AutoCloseable {
    static SmallDisk mounted(Path place) throws IOException, InterruptedException {
      require("mount", "-t", "tmpfs", "-o", "size=16m", "mlit-test", place.toString());
      return new SmallDisk(place);
    }

    private Path ballast() {
      return place.resolve("ballast");
    }

    /** Takes all the room. */
    void fill() throws IOException {
      byte[] zeros = new byte[512];
      try (OutputStream out = Files.newOutputStream(ballast())) {
        while (true) {
          out.write(zeros);
        }
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("No space left on device");
      }
    }

    void makeRoom() throws IOException {
      Files.delete(ballast());
    }

    @Override
    public void close() throws IOException {
      new ProcessBuilder("umount", place.toString()).inheritIO().start().onExit().join();
    }
  }
}
