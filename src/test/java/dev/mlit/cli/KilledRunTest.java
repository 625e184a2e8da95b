package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlit.testing.Mlit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs as processes of their own that are killed, stopped or started twice. If this fails, a power
 * failure, a full node or a hasty Ctrl-C costs a user the run, or, worse, silently changes it.
 */
class KilledRunTest {
  private static final int KILLS = 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** 157 steps an epoch, a checkpoint every 7, and all that is random: order, flips, gate noise. */
  private static final String RUN =
      """
      name: killed
      model:
        name: tiny
        image: {height: 28, width: 28, channels: 1}
        patch: 7
        embedding: 12
        attention: {heads: 2, groups: 1}
        stages: [{layers: 2, experts: 3}]
        hidden: {first: 8, last: 8}
        classes: 10
      data: {dataset: fashion-small}
      training: {epochs: 4, batch: 64, seed: 3, threads: 2}
      augmentation: {flip: true}
      checkpoints: {every-steps: 7}
      """;

  @TempDir private static Path shared;

  /** The run that nobody disturbs. */
  private static Path undisturbed;

  private static Duration life;

  @TempDir private Path directory;
  private Path run;
  private Instant started = Instant.EPOCH;

  @BeforeAll
  static void trainUndisturbed() throws Exception {
    Files.writeString(shared.resolve("run.yaml"), RUN);
    long began = System.nanoTime();
    try (Mlit mlit = Mlit.start(shared, "train", "run.yaml", "--out", "run")) {
      assertThat(mlit.exit()).as(mlit.errors()).isZero();
    }
    life = Duration.ofNanos(System.nanoTime() - began);
    undisturbed = shared.resolve("run");
  }

  /** When a process is killed. */
  private enum Moment {
    /** Before the first step: Java, TensorFlow, the graph, the checkpoint that is read. */
    START,
    /** Some steps after it went on. */
    STEP,
    /** While a checkpoint is written, moved into place, or the older ones deleted. */
    CHECKPOINT,
    /** Any moment: tests, report and export as well. */
    ANY
  }

  @Test
  void twentyKillsAtRandomMomentsLeaveNoTraceInTheResult() throws Exception {
    Random random = new Random();
    long seed = random.nextLong();
    random.setSeed(seed);
    System.out.println(
        "KilledRunTest: seed " + seed + ", undisturbed in " + life.toMillis() + " ms");

    int kills = 0;
    for (int i = 0; kills < KILLS; i++) {
      Moment moment = Moment.values()[i % Moment.values().length];
      started = Instant.now();
      try (Mlit mlit = Mlit.start(directory, "train", "run.yaml", "--resume", "--out", "run")) {
        await(moment, mlit, random);
        boolean killed = mlit.kill();
        System.out.println(
            "KilledRunTest: " + moment + (killed ? " killed, " : " had ended, ") + progress());
        if (killed) {
          kills++;
        } else {
          assertThat(mlit.exit()).as("seed %d: %s", seed, mlit.errors()).isZero();
        }
      }
    }
    try (Mlit mlit = Mlit.start(directory, "train", "run.yaml", "--resume", "--out", "run")) {
      assertThat(mlit.exit()).as("seed %d: %s", seed, mlit.errors()).isZero();
    }

    assertSameAsUndisturbed("seed " + seed);
  }

  private void await(Moment moment, Mlit mlit, Random random) throws Exception {
    switch (moment) {
      case START -> sleep(mlit, random.nextDouble() * life.toMillis() / 4);
      case STEP -> {
        awaitThat(mlit, this::hasTrained);
        sleep(mlit, random.nextDouble() * 300);
      }
      case CHECKPOINT -> {
        awaitThat(mlit, this::hasTrained);
        for (int i = random.nextInt(3); i >= 0 && mlit.isAlive(); i--) {
          awaitThat(mlit, () -> Files.exists(run.resolve("checkpoints/unfinished")));
          if (i > 0) {
            awaitThat(mlit, () -> !Files.exists(run.resolve("checkpoints/unfinished")));
          }
        }
        LockSupport.parkNanos((long) (random.nextDouble() * 20e6));
      }
      case ANY -> sleep(mlit, random.nextDouble() * life.toMillis() / 2);
    }
  }

  /** Whether this process has written a line for a step or an epoch. */
  private boolean hasTrained() throws IOException {
    Path metrics = run.resolve("metrics.jsonl");
    if (!Files.exists(metrics)
        || Files.getLastModifiedTime(metrics).toInstant().isBefore(started)) {
      return false;
    }
    List<String> lines = Files.readAllLines(metrics);
    return !lines.isEmpty()
        && lines.get(lines.size() - 1).matches("\\{\"kind\":\"(step|epoch)\".*\\}");
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void awaitThat(Mlit mlit, Condition condition) throws IOException {
    while (mlit.isAlive() && !condition.holds()) {
      LockSupport.parkNanos(100_000);
    }
  }

  private static void sleep(Mlit mlit, double millis) {
    long end = System.nanoTime() + (long) (millis * 1e6);
    while (mlit.isAlive() && System.nanoTime() < end) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private String progress() throws IOException {
    Path checkpoints = run.resolve("checkpoints");
    if (!Files.isDirectory(checkpoints)) {
      return "no checkpoint";
    }
    try (Stream<Path> content = Files.list(checkpoints)) {
      return String.join(" ", content.map(p -> p.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void ctrlCSavesTheRunAndSaysHowToGoOn() throws Exception {
    assertSignalSaves("INT", 130);
  }

  @Test
  void terminationSavesTheRunAndSaysHowToGoOn() throws Exception {
    assertSignalSaves("TERM", 143);
  }

  private void assertSignalSaves(String signal, int exit) throws Exception {
    try (Mlit mlit = Mlit.start(directory, "train", "run.yaml", "--out", "run")) {
      awaitThat(mlit, () -> Files.exists(run.resolve("checkpoints/step-21")));
      mlit.signal(signal);
      assertThat(mlit.exit()).isEqualTo(exit);
      assertThat(mlit.errors())
          .contains("stopping after this step, and saving")
          .containsPattern(
              "stopped after step \\d+ of 628; all of it is saved, go on with:"
                  + " \\./mlit train --resume run");
    }
    try (Mlit mlit = Mlit.start(directory, "train", "--resume", "run")) {
      assertThat(mlit.exit()).as(mlit.errors()).isZero();
    }
    assertSameAsUndisturbed(signal);
  }

  @Test
  void secondProcessInTheSameDirectoryIsRefusedAndTheFirstGoesOn() throws Exception {
    try (Mlit first = Mlit.start(directory, "train", "run.yaml", "--out", "run")) {
      awaitThat(first, () -> Files.exists(run.resolve("checkpoints/step-7")));
      try (Mlit second = Mlit.start(directory, "train", "--resume", "run")) {
        assertThat(second.exit()).isEqualTo(2);
        assertThat(second.errors())
            .contains(
                "run: process "
                    + first.pid()
                    + " is training here; wait for it to end, or choose another directory"
                    + " (--out DIR)");
      }
      assertThat(first.exit()).as(first.errors()).isZero();
    }
    assertSameAsUndisturbed("first");
  }

  @BeforeEach
  void describe() throws IOException {
    Files.writeString(directory.resolve("run.yaml"), RUN);
    run = directory.resolve("run");
  }

  private void assertSameAsUndisturbed(String description) throws IOException {
    for (String file :
        List.of(
            "checkpoints/epoch-4/variables.index",
            "checkpoints/epoch-4/variables.data-00000-of-00001",
            "savedmodel/variables/variables.data-00000-of-00001",
            "run.yaml",
            "labels.txt")) {
      assertThat(run.resolve(file))
          .as(description)
          .hasSameBinaryContentAs(undisturbed.resolve(file));
    }
    assertThat(metrics(run)).as(description).isEqualTo(metrics(undisturbed));
    assertThat(run.resolve("report.html")).as(description).exists();
    assertThat(run.resolve("checkpoints/unfinished")).as(description).doesNotExist();
  }

  /** Every line but those of a resume, without what a clock says. */
  private static List<JsonNode> metrics(Path run) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      ObjectNode tree = (ObjectNode) JSON.readTree(line);
      if (!tree.path("kind").asText().equals("resume")) {
        lines.add(tree.without(List.of("images_per_second", "seconds")));
      }
    }
    return lines;
  }
}
