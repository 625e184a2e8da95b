package dev.mlit.train;

import dev.mlit.data.Dataset;
import dev.mlit.data.Split;
import dev.mlit.spec.EarlyStopping;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.SpecChange;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.exceptions.TensorFlowException;

/**
 * Trains a run.
 *
 * <pre>{@code
 * TrainingResult result = Trainer.of(run).listener(Progress.on(System.err, true)).train();
 * }</pre>
 */
public final class Trainer {
  private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);
  private static final Path RUNS = Path.of("runs");

  private final RunSpec run;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private @Nullable Path directory;
  private @Nullable Dataset dataset;
  private PretrainedWeights.Reader weightFiles = PretrainedWeights.Reader.NONE;
  private boolean resume;
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
   * with the same bits. A run that is done is tested again; one that was never started starts.
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

  /** Reads the files of weights that {@code initialize} may name; only directories unless set. */
  public Trainer weightFiles(PretrainedWeights.Reader reader) {
    this.weightFiles = reader;
    return this;
  }

  /** Adds a listener; it is closed when the run ends. */
  public Trainer listener(TrainingListener listener) {
    listeners.add(listener);
    return this;
  }

  /**
   * Asks the run to save itself and stop, after the step that it is at; {@link #train} then throws
   * a {@link RunStoppedException}. Any thread may call this, at any time.
   */
  public void stop() {
    stopping = true;
  }

  /**
   * Trains, tests after every epoch, and writes the run directory.
   *
   * @throws InvalidInputException if the data is missing or damaged or does not fit the model, the
   *     directory is in use, or the run to go on with is another one; nothing has been written then
   * @throws DivergedException if the loss, a gradient or a weight is no longer a finite number
   * @throws WriteFailedException if the run directory cannot be written, as the disk is full
   * @throws RunStoppedException after {@link #stop}
   */
  public TrainingResult train() {
    try (ListenerGroup told = new ListenerGroup(listeners)) {
      Path path = directory();
      return resume && RunDirectory.isStarted(path) ? goOn(path, told) : begin(path, told);
    }
  }

  private TrainingResult begin(Path path, ListenerGroup told) {
    RunDirectory.requireFree(path);
    Dataset data = read(told);
    try (TrainingGraph graph = new TrainingGraph(run)) {
      Initialization.apply(run, graph, weightFiles);
      RunDirectory.make(path);
      RunLock lock = RunLock.acquire(path);
      try {
        RunDirectory.requireFree(path);
        RunDirectory target = RunDirectory.create(path, run, data.labels());
        return train(graph, data, target, MetricsFile.at(target.metrics()), told, false, null);
      } finally {
        lock.close();
      }
    }
  }

  private TrainingResult goOn(Path path, ListenerGroup told) {
    RunLock lock = RunLock.acquire(path);
    try {
      RunDirectory target = RunDirectory.open(path);
      List<SpecChange> changes = ResumeRules.check(path, target.run(), run);
      Checkpoint from = target.checkpoints().toResume();
      Dataset data = read(told);
      try (TrainingGraph graph = new TrainingGraph(run)) {
        MetricsFile metrics;
        if (from == null) {
          LOG.info("{}: no checkpoint yet, starts from the beginning", path);
          Initialization.apply(run, graph, weightFiles);
          RunDirectory.create(path, run, data.labels());
          metrics = MetricsFile.at(target.metrics());
        } else {
          from.state().data().requireSame(DataMark.of(data));
          restore(graph, from);
          metrics = MetricsFile.resume(target.metrics(), from.state().metricsBytes());
          changes.forEach(change -> LOG.info("{}: goes on with {}", path, change));
          if (!changes.isEmpty()) {
            target.update(run);
          }
        }
        return train(graph, data, target, metrics, told, true, from);
      }
    } finally {
      lock.close();
    }
  }

  private static void restore(TrainingGraph graph, Checkpoint from) {
    try {
      graph.restore(from.prefix());
    } catch (TensorFlowException | TFInvalidArgumentException e) {
      throw new InvalidInputException(
          from.directory()
              + ": does not hold the variables of this run, another version of mlit may have"
              + " written it: "
              + InvalidInputException.firstLine(e),
          e);
    }
  }

  private TrainingResult train(
      TrainingGraph graph,
      Dataset data,
      RunDirectory target,
      MetricsFile metrics,
      ListenerGroup told,
      boolean resumed,
      @Nullable Checkpoint from) {
    told.addFirst(RunReport.html());
    told.addFirst(TensorBoard.events());
    told.addFirst(metrics);
    EarlyStopping rule = run.earlyStopping();
    if (rule != null) {
      told.addFirst(Listeners.earlyStopping(rule));
    }
    try {
      return new TrainingLoop(
              run, graph, data, target, metrics, told, () -> stopping, resumed, from)
          .run();
    } catch (WriteFailedException e) {
      throw e.with("make room, then go on with: ./mlit train --resume " + target.path());
    }
  }

  private Dataset read(TrainingListener told) {
    Dataset data = dataset == null ? RunData.open(run) : RunData.fitted(run, dataset);
    load(data.name(), "train", data.train(), told);
    load(data.name(), "test", data.test(), told);
    return data;
  }

  /** Before the run directory is made, as damage may be found. */
  private void load(String name, String part, Split split, TrainingListener told) {
    split.load(
        done -> {
          if (stopping) {
            throw RunStoppedException.whileReading();
          }
          told.loading(new TrainingListener.Loading(name, part, done, split.size()));
        });
  }
}
