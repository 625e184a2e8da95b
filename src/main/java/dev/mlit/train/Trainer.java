package dev.mlit.train;

import dev.mlit.cluster.Agreement;
import dev.mlit.cluster.InterruptedWaitException;
import dev.mlit.cluster.WorkerLostException;
import dev.mlit.cluster.Workers;
import dev.mlit.data.DataFingerprint;
import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.data.RunData;
import dev.mlit.data.image.InterruptedReadException;
import dev.mlit.spec.ClusterSpec;
import dev.mlit.spec.EarlyStopping;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.SpecChange;
import dev.mlit.train.step.DivergedException;
import dev.mlit.train.step.TrainingGraph;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
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

  private RunSpec run;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private @Nullable Path directory;
  private @Nullable Dataset dataset;
  private boolean resume;
  private @Nullable ClusterSpec cluster;
  private boolean tests = true;
  private boolean gateNoise = true;
  private Optional<NeighbourAccuracy> neighbours = Optional.empty();
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
   * The first worker writes the run directory and tells its listeners; the others are told of what
   * they read and whom they wait for.
   *
   * <p>TensorFlow's server for the other workers cannot be stopped: it listens until the process
   * ends, which can be a worker of one cluster only.
   *
   * @param cluster such as {@code ClusterSpec.of(System.getenv()).orElse(null)}; null to train
   *     alone
   */
  public Trainer cluster(@Nullable ClusterSpec cluster) {
    this.cluster = cluster;
    return this;
  }

  /**
   * Leaves the test images alone: the run ends with what the validation images say, which must be
   * there, and its test accuracy and loss are NaN. A run that has ended so is tested when it is
   * resumed without this.
   */
  public Trainer withoutTest() {
    this.tests = false;
    return this;
  }

  /** Has the gates do without noise, so that a test can tell a difference from chance. */
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
   * Asks the run to save itself and stop, after the step that it is at; {@link #train} then throws
   * a {@link RunStoppedException}. Any thread may call this, at any time. To interrupt the thread
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
    try (ListenerGroup told = new ListenerGroup(listeners)) {
      Path path = directory();
      run = run.withOptimizer(optimizer(path));
      if (cluster != null && !cluster.isFirst()) {
        return follow(path, told);
      }
      return resume && RunDirectory.isStarted(path) ? goOn(path, told) : begin(path, told);
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

  private TrainingResult begin(Path path, ListenerGroup told) {
    RunDirectory.requireFree(path);
    RunImages read = read(told, open());
    return together(
        read,
        told,
        (workers, graph, images) -> {
          Initialization.apply(run, images.data().labels(), graph);
          RunDirectory.make(path);
          RunLock lock = RunLock.acquire(path);
          try {
            RunDirectory.requireFree(path);
            RunDirectory.tidy(path);
            RunDirectory target = RunDirectory.create(path, run, images.data().labels());
            MetricsFile metrics = MetricsFile.at(target.metrics());
            return train(
                graph,
                workers,
                images,
                new RunFiles(target, metrics),
                told,
                TrainingLoop.Beginning.NEW);
          } finally {
            lock.close();
          }
        });
  }

  private TrainingResult goOn(Path path, ListenerGroup told) {
    RunLock lock = RunLock.acquire(path);
    try {
      RunDirectory target = RunDirectory.open(path);
      RunDirectory.tidy(path);
      List<SpecChange> changes = ResumeRules.check(path, target.run(), run);
      Checkpoint from = target.checkpoints().toResume();
      requireOwnData(path);
      if (dataset == null) {
        ResumeRules.requireImages(path, run);
      }
      RunImages read = read(told, asBegun(open(), from));
      return together(
          read,
          told,
          (workers, graph, images) -> {
            MetricsFile metrics;
            if (from == null) {
              LOG.info("{}: no checkpoint yet, starts from the beginning", path);
              Initialization.apply(run, images.data().labels(), graph);
              RunDirectory.create(path, run, images.data().labels());
              metrics = MetricsFile.at(target.metrics());
            } else {
              from.state().data().requireSame(DataFingerprint.of(images.data()));
              restore(graph, from);
              metrics = MetricsFile.resume(target.metrics(), from.state().metricsBytes());
              changes.forEach(change -> LOG.info("{}: goes on with {}", path, change));
              if (!changes.isEmpty()) {
                target.update(run);
              }
            }
            RunFiles files = new RunFiles(target, metrics);
            return train(
                graph,
                workers,
                images,
                files,
                told,
                new TrainingLoop.Beginning(
                    from == null ? null : from.state(),
                    from == null ? "" : from.directory().getFileName().toString(),
                    true));
          });
    } finally {
      lock.close();
    }
  }

  /** Trains as a worker that writes nothing: from where the first one is, with its weights. */
  private TrainingResult follow(Path path, ListenerGroup told) {
    RunImages read = read(told, open());
    return together(
        read,
        told,
        (workers, graph, images) -> {
          graph.share();
          return new TrainingLoop(
                  run,
                  graph,
                  workers,
                  images,
                  path,
                  null,
                  new ListenerGroup(List.of()),
                  this::isToStop,
                  TrainingLoop.Beginning.shared(workers, DataFingerprint.of(images.data())),
                  neighbours)
              .run();
        });
  }

  /** What a worker does with the graph that all of them have compiled. */
  @FunctionalInterface
  private interface Work {
    TrainingResult with(Workers workers, TrainingGraph graph, RunImages images);
  }

  /** Meets the other workers, where there are some, and makes sure that all want the same. */
  private TrainingResult together(RunImages read, TrainingListener told, Work work) {
    ClusterSpec several = cluster;
    try (Workers workers =
        several == null ? Workers.alone() : Workers.join(several, run, told::waiting)) {
      return workers.together(
          () -> {
            RunImages images = read.asFirst(workers);
            Agreement.require(workers, run, images.data());
            try (TrainingGraph graph = new TrainingGraph(run, workers, gateNoise)) {
              return work.with(workers, graph, images);
            }
          });
    } catch (InterruptedWaitException e) {
      throw RunStoppedException.whileWaiting("the other workers");
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
      Workers workers,
      RunImages images,
      RunFiles files,
      ListenerGroup told,
      TrainingLoop.Beginning from) {
    Choices choices = Choices.of(run, listeners);
    told.addFirst(everyRunHas(choices.onTestImages()));
    told.addFirst(List.of(files.metrics()));
    EarlyStopping rule = run.earlyStopping();
    if (rule != null) {
      told.addFirst(List.of(Listeners.earlyStopping(rule)));
    }
    try {
      graph.share();
      from.share(workers);
      Path path = files.directory().path();
      return new TrainingLoop(
              run, graph, workers, images, path, files, told, this::isToStop, from, neighbours)
          .run();
    } catch (WriteFailedException e) {
      Path path = files.directory().path();
      throw e.with(advice -> "make room, then go on with: " + advice.resume(path));
    }
  }

  private static List<TrainingListener> everyRunHas(Optional<String> note) {
    return ServiceLoader.load(ListenerProvider.class, Trainer.class.getClassLoader()).stream()
        .flatMap(provider -> provider.get().listeners(note).stream())
        .toList();
  }

  /** A run on a dataset that mlit does not know was begun on images that its program had. */
  private void requireOwnData(Path path) {
    String name = run.data().dataset();
    if (dataset == null && name != null && !Datasets.names().contains(name)) {
      throw new InvalidInputException(
          path
              + ": was begun on images of the program's own, "
              + name
              + ", which mlit cannot open; hand them over to go on: Mlit.resume(directory, trainer"
              + " -> trainer.data(images))");
    }
  }

  private Dataset open() {
    return dataset == null ? RunData.open(run) : RunData.fitted(run, dataset);
  }

  /**
   * The images of a run that goes on: without the validation part that its dataset has now, if it
   * was begun without one, as by a version of mlit that left such a part out.
   */
  private Dataset asBegun(Dataset data, @Nullable Checkpoint from) {
    boolean without = from != null && from.state().data().validationImages() == 0;
    return without && run.data().validationFraction() == 0
        ? RunImages.withoutValidation(data)
        : data;
  }

  /** Before the run directory is made, as damage may be found. */
  private RunImages read(TrainingListener told, Dataset data) {
    RunImages images = RunImages.of(data, Choices.of(run, listeners), tests);
    try {
      images.load(told, this::isToStop);
    } catch (InterruptedReadException e) {
      throw RunStoppedException.whileReading();
    }
    neighbours = NeighbourAccuracy.of(run, images.data());
    neighbours.ifPresent(measure -> LOG.info("{}", measure));
    return images;
  }
}
