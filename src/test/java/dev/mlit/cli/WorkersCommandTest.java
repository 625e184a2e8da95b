package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.mlit.testing.CutLine;
import dev.mlit.testing.Mlit;
import dev.mlit.testing.WorkerProcesses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The command line as several workers. If this fails, a run on several machines hangs when one of
 * them does, or trains something that nobody asked for.
 */
@Tag("slow")
class WorkersCommandTest {
  /** Kills in every build; {@code mvn test -Dtest=WorkersCommandTest -DMLIT_WORKER_KILLS=20}. */
  private static final int KILLS = Integer.getInteger("MLIT_WORKER_KILLS", 2);

  /** So many that a run is not over before its last kill: each leaves it half a second or so. */
  private static final int EPOCHS_TO_KILL = 1 + KILLS / 5;

  private static final String RUN =
      """
      name: shared
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
      training:
        {epochs: 1, batch: 64, seed: 3, threads: 1, worker-timeout: 15, dropout: 0.1, patch-dropout: 0.4}
      schedule: {warmup-epochs: 0.5}
      augmentation: {flip: true, rand-augment: {}, random-erasing: {probability: 0.25}}
      ema: {decay: 0.99}
      checkpoints: {every-steps: 7}
      """;

  private static final String[] TRAIN = {"train", "run.yaml", "--out", "run", "--resume"};

  @TempDir private Path directory;

  @BeforeEach
  void write() throws IOException {
    Files.writeString(directory.resolve("run.yaml"), RUN);
  }

  // ---- what one worker does, all do

  @Test
  void aKilledWorkerIsNamedAndTheRunGoesOnAsIfNothingHadBeen() throws Exception {
    Path undisturbed = directory.resolve("undisturbed");
    Files.writeString(
        directory.resolve("run.yaml"),
        RUN.replace("epochs: 1,", "epochs: " + EPOCHS_TO_KILL + ","));
    try (WorkerProcesses workers = WorkerProcesses.of(directory, 2)) {
      workers.startAll(Main.class, "train", "run.yaml", "--out", "undisturbed").assertAllDone();
    }
    int broken = 0;
    Random random = new Random();
    long seed = random.nextLong();
    random.setSeed(seed);
    System.out.println("WorkersCommandTest: seed " + seed);
    for (int kill = 0; kill < KILLS; kill++) {
      try (WorkerProcesses workers = WorkerProcesses.of(directory, 2)) {
        workers.startAll(Main.class, TRAIN);
        awaitSteps(workers);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(400)));
        int killed = random.nextInt(2);
        workers.kill(killed);
        int other = 1 - killed;
        long began = System.nanoTime();
        int status = workers.exit(other);
        if (status != 0) {
          broken++;
          assertThat(status).as(workers.said(other)).isEqualTo(1);
          assertThat(workers.said(other))
              .as("seed %d", seed)
              .contains(workers.name(killed) + " is gone; the last checkpoint is whole")
              .doesNotContain("\tat ");
        }
        assertThat(System.nanoTime() - began).isLessThan(TimeUnit.SECONDS.toNanos(60));
      }
    }
    System.out.println("WorkersCommandTest: kills " + KILLS + ", runs broken off " + broken);
    assertThat(broken).as("kills that hit a run, seed %d", seed).isPositive();
    try (WorkerProcesses workers = WorkerProcesses.of(directory, 2)) {
      workers.startAll(Main.class, TRAIN).assertAllDone();
    }
    for (String file :
        List.of(
            "checkpoints/epoch-" + EPOCHS_TO_KILL + "/variables.data-00000-of-00001",
            "savedmodel/variables/variables.data-00000-of-00001")) {
      assertThat(directory.resolve("run").resolve(file))
          .as("seed %d", seed)
          .hasSameBinaryContentAs(undisturbed.resolve(file));
    }
  }

  private void awaitSteps(WorkerProcesses workers) throws IOException {
    Path metrics = directory.resolve("run").resolve("metrics.jsonl");
    while (workers.isAlive(0) && !workers.said(0).contains("images to train on")) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    long before = Files.exists(metrics) ? Files.size(metrics) : 0;
    while (workers.isAlive(0) && Files.size(metrics) == before) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  /** A machine that was cut off does not say so: TensorFlow waits until the time is up. */
  @Test
  void aWorkerThatIsCutOffIsNamedInTime() throws Exception {
    try (WorkerProcesses workers = WorkerProcesses.of(directory, 2)) {
      workers.startAll(Main.class, TRAIN);
      awaitSteps(workers);
      workers.freeze(1);
      long began = System.nanoTime();
      assertThat(workers.exit(0)).as(workers.said(0)).isEqualTo(1);
      assertThat(System.nanoTime() - began).isLessThan(TimeUnit.SECONDS.toNanos(60));
      assertThat(workers.said(0))
          .contains(workers.name(1) + " is gone; the last checkpoint is whole")
          .doesNotContain("\tat ");
    }
  }

  /** Half of a message has come: it is not taken for a whole one, and nobody waits for the rest. */
  @Test
  void aLineThatIsCutInTheMiddleOfAMessageEndsTheRunAndItGoesOn() throws Exception {
    try (WorkerProcesses workers = WorkerProcesses.of(directory, 2);
        CutLine line = CutLine.to(workers.port(1))) {
      workers.through(1, line.port()).startAll(Main.class, TRAIN);
      awaitSteps(workers);
      line.cut();
      long began = System.nanoTime();
      for (int i = 0; i < 2; i++) {
        assertThat(workers.exit(i)).as(workers.said(i)).isEqualTo(1);
        assertThat(workers.said(i))
            .contains("; the last checkpoint is whole: start all workers again with --resume")
            .doesNotContain("\tat ");
      }
      assertThat(line.isCut()).isTrue();
      assertThat(System.nanoTime() - began).isLessThan(TimeUnit.SECONDS.toNanos(60));
      assertThat(workers.said(0)).contains(workers.name(1) + " is gone");
    }
    try (WorkerProcesses workers = WorkerProcesses.of(directory, 2)) {
      workers.startAll(Main.class, TRAIN).assertAllDone();
    }
  }

  @Test
  void allStopAndSaveWhenOneIsToldTo() throws Exception {
    try (WorkerProcesses workers = WorkerProcesses.of(directory, 2)) {
      workers.startAll(Main.class, TRAIN);
      awaitSteps(workers);
      workers.terminate(1);
      assertThat(workers.exit(1)).isEqualTo(128 + 15);
      assertThat(workers.exit(0)).as(workers.said(0)).isEqualTo(SaveOnSignal.EXIT);
      assertThat(workers.said(0)).contains("all of it is saved, go on with: ./mlit train --resume");
    }
  }

  // ---- workers that do not belong together, or do not come

  @Test
  void aWorkerThatNeverStartsIsNamed() throws Exception {
    try (WorkerProcesses workers = WorkerProcesses.of(directory, 2)) {
      workers.start(Main.class, "train", "run.yaml", "--set", "training.worker-timeout=5");
      assertThat(workers.exit(0)).isEqualTo(1);
      assertThat(workers.said(0))
          .contains("waiting for " + workers.name(1))
          .contains(workers.name(1) + " did not start within 5 s (training.worker-timeout)")
          .doesNotContain("\tat ");
    }
    assertThat(directory.resolve("runs")).doesNotExist();
  }

  @Test
  void anotherRunIsRefusedAndWhatDiffersIsSaid() throws Exception {
    try (WorkerProcesses workers = WorkerProcesses.of(directory, 2)) {
      workers.start(Main.class, "train", "run.yaml");
      workers.start(
          Main.class,
          "train",
          "run.yaml",
          "--set",
          "training.batch=32",
          "--set",
          "data.label-fraction=0.5");
      for (int i = 0; i < 2; i++) {
        assertThat(workers.exit(i)).as(workers.said(i)).isEqualTo(2);
        assertThat(workers.said(i))
            .contains(workers.name(1) + " does not train what " + workers.name(0) + " trains:")
            .contains("  data.label-fraction: 0.5, worker 0 has 1")
            .containsPattern(
                "  images: fashion-small, 5\\d+ .* worker 0 has fashion-small, 10\\d+ to")
            .contains("  training.batch: 32, worker 0 has 64")
            .doesNotContain("\tat ");
      }
    }
  }

  /** Whoever reaches the port can have anything computed there. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void thePortAnswersAtTheAddressGivenAlone() throws Exception {
    try (WorkerProcesses workers = WorkerProcesses.of(directory, 2)) {
      workers.start(Main.class, "train", "run.yaml");
      while (workers.isAlive(0) && !workers.said(0).contains("waiting for")) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      }
      assumeThat(workers.said(0))
          .as("some kernels let only root filter what a socket hears")
          .doesNotContain("the filter was refused");
      connect((byte) 1, workers.port(0));
      assertThatIOException().isThrownBy(() -> connect((byte) 2, workers.port(0)));
    }
  }

  /** Connects to an address of this machine, 127.0.0.1 to 127.0.0.255. */
  private static void connect(byte last, int port) throws IOException {
    InetAddress address = InetAddress.getByAddress(new byte[] {127, 0, 0, last});
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), 1000);
    }
  }

  @Test
  void aPortThatIsInUseIsOneClearLine() throws Exception {
    try (WorkerProcesses workers = WorkerProcesses.of(directory, 2);
        ServerSocket taken =
            new ServerSocket(workers.port(0), 1, InetAddress.getLoopbackAddress())) {
      assertThat(taken.isBound()).isTrue();
      workers.start(Main.class, "train", "run.yaml");
      assertThat(workers.exit(0)).as(workers.said(0)).isEqualTo(2);
      assertThat(workers.said(0))
          .contains(
              "TF_CONFIG: "
                  + workers.name(0)
                  + " is this process, but the port cannot be had; is it in use?")
          .doesNotContain("\tat ");
    }
  }

  // ---- --workers

  @Test
  void oneCommandTrainsWithProcessesOfThisMachine() throws Exception {
    try (Mlit mlit = Mlit.start(directory, "train", "run.yaml", "--out", "run", "--workers", "2")) {
      assertThat(mlit.exit()).as(mlit.errors()).isZero();
      assertThat(mlit.errors()).contains("worker 1: done; worker 0 (127.0.0.1:");
    }
    assertThat(directory.resolve("run/savedmodel/saved_model.pb")).exists();
  }
}
