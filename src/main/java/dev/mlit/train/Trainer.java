package dev.mlit.train;

import dev.mlit.cluster.WorkerLostException;
import dev.mlit.data.Dataset;
import dev.mlit.spec.ClusterSpec;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.step.DivergedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Trains a run.
 *
 * <pre>{@code
 * TrainingResult result = Trainer.of(run).listener(Progress.on(System.err, true)).train();
 * }</pre>
 *
 * @since 0.1.0
 */
public final class Trainer {
  private static final Path RUNS = Path.of("runs");

  private RunSpec run;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private @Nullable Path directory;
  private @Nullable Dataset dataset;
  private boolean resume;
  private @Nullable ClusterSpec cluster;
  private boolean tests = true;
  private boolean gateNoise = true;
  private volatile boolean stopping;

  private Trainer(RunSpec run) {
    this.run = run;
  }

  /** A trainer for this run. */
  public static Trainer of(RunSpec run) {
    return new Trainer(run);
  }

  /**
   * The run directory, new or empty; {@code runs/NAME} unless set, with a number if that exists.
   */
  public Trainer directory(Path directory) {
    this.directory = directory;
    return this;
  }

  /**
   * Whether to go on with a run that was started before: in {@link #directory(Path)}, or where a
   * run of this name was last trained. It goes on from its last checkpoint, and ends with the
   * weights that it would have ended with undisturbed; on a CPU with the same number of threads
   * with the same bits. A run that is done is measured and tested again; one that was never started
   * starts.
   *
   * <p>It goes on as it was begun: where there were no images to validate on, as in every run of a
   * version of mlit that had none, a validation part that the dataset has now is left out, and the
   * run is tested after every epoch.
   *
   * <p>The run must be the one that was started, but for {@code training.epochs}, {@code
   * training.steps} and {@code training.threads}, {@code checkpoints}, {@code early-stopping},
   * {@code data.directory} and {@code export}. With more epochs, the learning rate follows the
   * longer schedule from there on.
   */
  public Trainer resume(boolean resume) {
    this.resume = resume;
    return this;
  }

  /** Where the run will be written. */
  public Path directory() {
    if (directory == null) {
      directory = resume ? RunDirectory.latest(RUNS, run) : RunDirectory.free(RUNS, run);
    }
    return directory;
  }

  /** Images of your own, instead of the dataset that the run names. */
  public Trainer data(Dataset dataset) {
    this.dataset = dataset;
    return this;
  }

  /**
   * Trains together with the other workers of a cluster, each of which does the same: {@code
   * training.batch} images of every step are shared out among them, and what is measured on too.
   * The first worker writes the run directory and calls its listeners; those of the others are
   * called only for what these read and whom they wait for.
   *
   * <p>TensorFlow's server for the other workers cannot be stopped: it listens until the process
   * ends, which can be a worker of one cluster only.
   *
   * @param cluster such as {@code ClusterSpec.of(System.getenv()).orElse(null)}; null to train
   *     without other workers
   */
  public Trainer cluster(@Nullable ClusterSpec cluster) {
    this.cluster = cluster;
    return this;
  }

  /**
   * Does not read the test images: the run ends with its measures on the validation images, which
   * must be there, and its test accuracy and loss are NaN. A run that has ended so is tested when
   * it is resumed without this.
   */
  public Trainer withoutTest() {
    this.tests = false;
    return this;
  }

  /** Trains without the noise of the gates, so that a test can tell a difference from chance. */
  Trainer withoutGateNoise() {
    this.gateNoise = false;
    return this;
  }

  /** Whether this process writes the run directory: the first worker, or the only one. */
  public boolean writesRun() {
    return cluster == null || cluster.isFirst();
  }

  /** Adds a listener; it is closed when the run ends. */
  public Trainer listener(TrainingListener listener) {
    listeners.add(listener);
    return this;
  }

  /**
   * Asks the run to save itself and stop after the current step; {@link #train} then throws a
   * {@link RunStoppedException}. Any thread may call this, at any time. To interrupt the thread
   * that trains asks for the same; it stays interrupted.
   */
  public void stop() {
    stopping = true;
  }

  /**
   * Trains, measures after every epoch, and writes the run directory.
   *
   * <p>A run that has validation images ({@code data.validation-fraction}, or a part that its
   * dataset publishes) is measured on these while it trains; its test images are read once, when
   * training is done. Damage in them is found then; the training is saved, and {@link #resume}
   * tests it. Without validation images, a run is tested after every epoch.
   *
   * @throws InvalidInputException if the data is missing or damaged or does not fit the model, the
   *     directory is in use, or the run to go on with is another one; nothing has been written
   *     then, but where it is the test at the end that fails
   * @throws DivergedException if the loss, a gradient or a weight is no longer a finite number
   * @throws WriteFailedException if the run directory cannot be written, as the disk is full, or
   *     has been moved
   * @throws RunStoppedException after {@link #stop}, or an interrupt
   * @throws WorkerLostException if another worker is gone, or does not answer in time
   */
  public TrainingResult train() {
    try (ListenerGroup group = new ListenerGroup(listeners)) {
      Path path = directory();
      run = run.withOptimizer(optimizer(path));
      TrainingSession session =
          new TrainingSession(
              run, path, listeners, dataset, cluster, tests, gateNoise, this::isToStop);
      if (!writesRun()) {
        return session.follow(group);
      }
      return resume && RunDirectory.isStarted(path) ? session.resume(group) : session.begin(group);
    }
  }

  /** What a run that names no optimizer has: in a run that is resumed, what it was started with. */
  private OptimizerSpec.Name optimizer(Path path) {
    OptimizerSpec.Name started =
        resume && RunDirectory.isStarted(path)
            ? RunDirectory.open(path).run().optimizer().name()
            : null;
    return started == null ? OptimizerSpec.DEFAULT : started;
  }

  /** An interrupt of the thread that trains asks for the same as {@link #stop}. */
  private boolean isToStop() {
    return stopping || Thread.currentThread().isInterrupted();
  }
}
