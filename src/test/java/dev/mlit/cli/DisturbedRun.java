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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.commons.io.FileUtils;

/** A run in processes of their own, which tests disturb, and what it becomes if nobody does. */
final class DisturbedRun {
  /**
   * 157 steps an epoch, a checkpoint every 7, and all that is random or has a state: the order of
   * the images, every kind of augmentation, gate noise, dropout, drop path, the optimizer, the
   * average of the weights.
   */
  private static final String RUN =
      """
      name: disturbed
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
      training: {epochs: 2, batch: 64, seed: 3, threads: 2, dropout: 0.1, drop-path: 0.1, label-smoothing: 0.1}
      schedule: {warmup-epochs: 0.5}
      augmentation:
        flip: true
        random-resized-crop: {scale: [0.5, 1]}
        rotation: 10
        translation: 0.1
        color-jitter: {brightness: 0.2, contrast: 0.2}
        random-erasing: {probability: 0.25}
        mixup: 0.2
        cutmix: 1
        mix-probability: 0.5
        vertical-flip: true
        quarter-turns: true
        trivial-augment-wide: {}
      ema: {decay: 0.99}
      checkpoints: {every-steps: 7}
      """;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of the run that nobody disturbs; trained once for all tests. */
  private record Undisturbed(Path run, Duration life) {
    private static final Undisturbed ONCE = train();

    private static Undisturbed train() {
      try {
        Path directory = Files.createTempDirectory("undisturbed");
        Runtime.getRuntime()
            .addShutdownHook(new Thread(() -> FileUtils.deleteQuietly(directory.toFile())));
        DisturbedRun run = new DisturbedRun(directory);
        long began = System.nanoTime();
        try (Mlit mlit = run.start()) {
          assertThat(mlit.exit()).as(mlit.errors()).isZero();
        }
        return new Undisturbed(run.path, Duration.ofNanos(System.nanoTime() - began));
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private final Path directory;
  private final Path path;

  /** A run that has not been started, in a directory beside its spec. */
  DisturbedRun(Path directory) throws IOException {
    this.directory = directory;
    this.path = directory.resolve("run");
    Files.writeString(directory.resolve("run.yaml"), RUN);
  }

  /** How long it takes if nobody disturbs it. */
  static Duration life() {
    return Undisturbed.ONCE.life;
  }

  /** Starts it. */
  Mlit start() throws IOException {
    return Mlit.start(directory, "train", "run.yaml", "--out", "run");
  }

  /** Starts it, or goes on with it. */
  Mlit startOrResume() throws IOException {
    return Mlit.start(directory, "train", "run.yaml", "--out", "run", "--resume");
  }

  /** Goes on with what is in its directory. */
  Mlit resume() throws IOException {
    return Mlit.start(directory, "train", "--resume", "run");
  }

  /** Its directory. */
  Path path() {
    return path;
  }

  /** The directory of a checkpoint. */
  Path checkpoint(String name) {
    return path.resolve("checkpoints").resolve(name);
  }

  /** What a test waits for. */
  interface Condition {
    boolean holds() throws IOException;
  }

  /** Waits for something, or for the end of the process. */
  static void await(Mlit mlit, Condition condition) throws IOException {
    while (mlit.isAlive() && !condition.holds()) {
      LockSupport.parkNanos(100_000);
    }
  }

  /** Checks that the run has become what it is if nobody disturbs it, bit by bit. */
  void assertSameAsUndisturbed(String description) throws IOException {
    Path undisturbed = Undisturbed.ONCE.run;
    for (String file :
        List.of(
            "checkpoints/epoch-2/variables.index",
            "checkpoints/epoch-2/variables.data-00000-of-00001",
            "savedmodel/variables/variables.data-00000-of-00001",
            "run.yaml",
            "labels.txt")) {
      assertThat(path.resolve(file))
          .as(description)
          .hasSameBinaryContentAs(undisturbed.resolve(file));
    }
    assertThat(metrics(path)).as(description).isEqualTo(metrics(undisturbed));
    assertThat(path.resolve("report.html")).as(description).exists();
    assertThat(checkpoint("unfinished")).as(description).doesNotExist();
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
