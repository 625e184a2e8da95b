package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.savedmodel.Classifier;
import dev.mlit.testing.Mlit;
import dev.mlit.testing.TinyData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands that are told to end (SIGTERM) at some moment, as services and schedulers do. If it
 * fails, weights stay behind in directories where nobody looks, and fill a disk.
 */
@Tag("slow")
class TerminatedCommandTest {
  /** Of each command; {@code mvn test -Dtest=TerminatedCommandTest -DMLIT_KILLS=20}. */
  private static final int KILLS = Integer.getInteger("MLIT_KILLS", 2);

  private static final String RUN =
      """
      name: terminated
      model:
        name: tiny
        image: {height: 28, width: 28, channels: 1}
        patch: 7
        embedding: 12
        attention: {heads: 2, groups: 1}
        stages: [{layers: 1, experts: 2}]
        hidden: {first: 8, last: 8}
        classes: 10
      data: {dataset: fashion-small}
      training: {epochs: 1, batch: 16, steps: 300, threads: 1}
      checkpoints: {every-steps: 1}
      """;

  private static final int TERMINATED = 128 + 15;

  @TempDir private static Path shared;
  private static dev.mlit.Mlit.TrainedModel trained;

  @TempDir private Path directory;
  private Path temporary;
  private final Random random = new Random();

  @BeforeAll
  static void train() {
    trained =
        dev.mlit.Mlit.train(
            TinyData.run().build(),
            trainer -> trainer.data(TinyData.dataset(50, 30)).directory(shared.resolve("run")));
  }

  @BeforeEach
  void makeTemporaryDirectory() throws IOException {
    temporary = Files.createDirectory(directory.resolve("tmp"));
    long seed = random.nextLong();
    random.setSeed(seed);
    System.out.println("TerminatedCommandTest: seed " + seed);
  }

  private Mlit start(String... arguments) throws IOException {
    return Mlit.start(directory, List.of("-Djava.io.tmpdir=" + temporary), arguments);
  }

  /** Waits for a share of a second at most, or for the end of the process. */
  private void waitFor(Mlit mlit, double seconds) throws IOException {
    long end = System.nanoTime() + (long) (random.nextDouble() * seconds * 1e9);
    DisturbedRun.await(mlit, () -> System.nanoTime() >= end);
  }

  private void terminate(Mlit mlit, int exit) throws Exception {
    if (mlit.isAlive()) {
      mlit.signal("TERM");
    }
    assertThat(mlit.exit()).as(mlit.errors()).isIn(exit, 0);
  }

  /** Nothing that mlit has begun and not ended: beside what it writes, and where it may not. */
  private void assertNothingLeft() throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      assertThat(all)
          .noneMatch(path -> path.getFileName().toString().matches(".*\\.mlit-(new|old)-.*"));
    }
    try (Stream<Path> all = Files.list(temporary)) {
      assertThat(all).noneMatch(path -> path.getFileName().toString().startsWith("mlit"));
    }
  }

  @Test
  void predictLeavesNothing() throws Exception {
    long began = System.nanoTime();
    String[] predict = {
      "predict",
      trained.savedModel().toString(),
      Path.of("examples/images/bag.png").toAbsolutePath().toString()
    };
    try (Mlit mlit = start(predict)) {
      assertThat(mlit.exit()).as(mlit.errors()).isZero();
    }
    double life = (System.nanoTime() - began) / 1e9;
    assertNothingLeft();
    for (int kill = 0; kill < KILLS; kill++) {
      try (Mlit mlit = start(predict)) {
        waitFor(mlit, life);
        terminate(mlit, TERMINATED);
      }
      assertNothingLeft();
    }
  }

  @Test
  void exportLeavesTheWholeModelOrNone() throws Exception {
    Path target = directory.resolve("model");
    for (int kill = 0; kill < KILLS; kill++) {
      try (Mlit mlit = start("export", shared.resolve("run").toString(), "--to", "model")) {
        DisturbedRun.await(mlit, this::isWriting);
        waitFor(mlit, 0.3);
        terminate(mlit, TERMINATED);
      }
      assertNothingLeft();
      if (Files.exists(target)) {
        Classifier.load(target).close();
      }
    }
  }

  private boolean isWriting() throws IOException {
    LockSupport.parkNanos(1_000_000);
    try (Stream<Path> files = Files.list(directory)) {
      return files.anyMatch(path -> path.getFileName().toString().startsWith(".model.mlit-new-"));
    }
  }

  @Test
  void trainLeavesCheckpointsThatAreWhole() throws Exception {
    Files.writeString(directory.resolve("run.yaml"), RUN);
    Path checkpoints = directory.resolve("run/checkpoints");
    for (int kill = 0; kill < KILLS; kill++) {
      try (Mlit mlit = start("train", "run.yaml", "--out", "run", "--resume")) {
        DisturbedRun.await(
            mlit, () -> Files.isDirectory(checkpoints) && mlit.errors().contains("to train on"));
        waitFor(mlit, 1);
        terminate(mlit, TERMINATED);
      }
      assertNothingLeft();
      assertThat(checkpoints.resolve("unfinished")).doesNotExist();
    }
  }
}
