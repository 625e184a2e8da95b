package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.testing.Mlit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that is killed again and again (SIGKILL) and goes on. If this fails, a power failure or a
 * node that is taken away costs a user the run, or, worse, silently changes it.
 */
@Tag("slow")
class KilledRunTest {
  /** Every build has one of each kind; {@code mvn test -Dtest=KilledRunTest -DMLIT_KILLS=20}. */
  private static final int KILLS = Integer.getInteger("MLIT_KILLS", Moment.values().length);

  /** When a process is killed. */
  private enum Moment {
    /** Before the first step: Java, TensorFlow, the graph, the checkpoint that is read. */
    START,
    /** Some steps after it went on. */
    STEP,
    /** While a checkpoint is written, moved into place, or the older ones deleted. */
    CHECKPOINT,
    /** Any moment of a whole run: tests, report and export as well. */
    ANY
  }

  @Test
  void killsAtRandomMomentsLeaveNoTraceInTheResult(@TempDir Path directory) throws Exception {
    DisturbedRun run = new DisturbedRun(directory);
    Random random = new Random();
    long seed = random.nextLong();
    random.setSeed(seed);
    System.out.printf(
        "KilledRunTest: seed %d, undisturbed in %d ms%n", seed, DisturbedRun.life().toMillis());

    int kills = 0;
    boolean ended = false;
    while (kills < KILLS) {
      // A run that had ended is tested and exported once more, and may be killed at that.
      Moment moment = ended ? Moment.ANY : Moment.values()[kills % Moment.values().length];
      try (Mlit mlit = run.startOrResume()) {
        await(moment, run, mlit, random, kills >= KILLS * 3 / 4);
        boolean killed = mlit.kill();
        System.out.printf(
            "KilledRunTest: %s %s, %s%n", moment, killed ? "killed" : "had ended", content(run));
        if (killed) {
          kills++;
        } else {
          ended = true;
          assertThat(mlit.exit()).as("seed %d: %s", seed, mlit.errors()).isZero();
        }
      }
    }
    try (Mlit mlit = run.startOrResume()) {
      assertThat(mlit.exit()).as("seed %d: %s", seed, mlit.errors()).isZero();
    }

    run.assertSameAsUndisturbed("seed " + seed);
  }

  /** Waits for a moment; only the last ones may be at the end of the run. */
  private static void await(Moment moment, DisturbedRun run, Mlit mlit, Random random, boolean last)
      throws IOException {
    long life = DisturbedRun.life().toMillis();
    switch (moment) {
      case START -> sleep(mlit, random.nextDouble() * life / 4);
      case STEP -> {
        awaitSteps(run, mlit);
        sleep(mlit, random.nextDouble() * life / 2 / KILLS);
      }
      case CHECKPOINT -> {
        awaitSteps(run, mlit);
        Path unfinished = run.checkpoint("unfinished");
        for (int i = random.nextInt(3); i >= 0; i--) {
          DisturbedRun.await(mlit, () -> !Files.exists(unfinished));
          DisturbedRun.await(mlit, () -> Files.exists(unfinished));
        }
        LockSupport.parkNanos((long) (random.nextDouble() * 20e6));
      }
      case ANY -> sleep(mlit, random.nextDouble() * life / (last ? 1.3 : 2));
    }
  }

  /** Waits until this very process has trained a few steps; every tenth has a line. */
  private static void awaitSteps(DisturbedRun run, Mlit mlit) throws IOException {
    Path metrics = run.path().resolve("metrics.jsonl");
    DisturbedRun.await(mlit, () -> mlit.errors().contains("images to train on"));
    long before = Files.exists(metrics) ? Files.size(metrics) : 0;
    DisturbedRun.await(mlit, () -> Files.size(metrics) > before);
  }

  private static void sleep(Mlit mlit, double millis) throws IOException {
    long end = System.nanoTime() + (long) (millis * 1e6);
    DisturbedRun.await(mlit, () -> System.nanoTime() >= end);
  }

  private static String content(DisturbedRun run) throws IOException {
    Path checkpoints = run.path().resolve("checkpoints");
    if (!Files.isDirectory(checkpoints)) {
      return "no checkpoint";
    }
    try (Stream<Path> content = Files.list(checkpoints)) {
      return String.join(" ", content.map(p -> p.getFileName().toString()).sorted().toList());
    }
  }
}
