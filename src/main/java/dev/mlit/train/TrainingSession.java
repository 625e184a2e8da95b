package dev.mlit.train;

import dev.mlit.cluster.Agreement;
import dev.mlit.cluster.InterruptedWaitException;
import dev.mlit.cluster.Workers;
import dev.mlit.data.DataFingerprint;
import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.data.RunData;
import dev.mlit.data.image.InterruptedReadException;
import dev.mlit.spec.ClusterSpec;
import dev.mlit.spec.EarlyStopping;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.SpecChange;
import dev.mlit.train.step.TrainingGraph;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.exceptions.TensorFlowException;

/**
 * One training of a run, with the settings of its {@link Trainer}: reads the images, makes or locks
 * the run directory, meets the other workers, and gives the graph its values; the {@link
 * TrainingLoop} does the rest.
 *
 * @param directory of the run
 * @param listeners those of the trainer
 * @param dataset images of the program; null to open the dataset that the run names
 * @param cluster null to train without other workers
 * @param tests false not to read the test images
 * @param gateNoise false to train without the noise of the gates
 * @param stopping true when the run shall be saved and stopped
 */
record TrainingSession(
    RunSpec run,
    Path directory,
    List<TrainingListener> listeners,
    @Nullable Dataset dataset,
    @Nullable ClusterSpec cluster,
    boolean tests,
    boolean gateNoise,
    BooleanSupplier stopping) {
  // The log speaks of the trainer, which is what a user knows.
  private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

  /** Starts a run in a new directory. */
  TrainingResult begin(ListenerGroup group) {
    RunDirectory.requireFree(directory);
    RunImages read = read(group, open());
    return together(
        read,
        group,
        setup -> {
          List<String> labels = setup.images().data().labels();
          Initialization.apply(run, labels, setup.graph());
          RunDirectory.make(directory);
          RunLock lock = RunLock.acquire(directory);
          try {
            RunDirectory.requireFree(directory);
            RunDirectory.tidy(directory);
            RunDirectory target = RunDirectory.create(directory, run, labels);
            MetricsFile metrics = MetricsFile.at(target.metrics());
            return train(setup, new RunFiles(target, metrics), group, Beginning.NEW);
          } finally {
            lock.close();
          }
        });
  }

  /** Goes on with the run that was started in the directory. */
  TrainingResult resume(ListenerGroup group) {
    RunLock lock = RunLock.acquire(directory);
    try {
      RunDirectory target = RunDirectory.open(directory);
      RunDirectory.tidy(directory);
      List<SpecChange> changes = ResumeRules.check(directory, target.run(), run);
      Checkpoint from = target.checkpoints().toResume();
      requireKnownData();
      if (dataset == null) {
        ResumeRules.requireImages(directory, run);
      }
      RunImages read = read(group, asBegun(open(), from));
      return together(
          read,
          group,
          setup -> {
            MetricsFile metrics =
                from == null ? restart(setup, target) : restore(setup, target, from, changes);
            return train(setup, new RunFiles(target, metrics), group, Beginning.resumed(from));
          });
    } finally {
      lock.close();
    }
  }

  /** Starts a run once more that was stopped before its first checkpoint. */
  private MetricsFile restart(Setup setup, RunDirectory target) {
    LOG.info("{}: no checkpoint yet, starts from the beginning", directory);
    List<String> labels = setup.images().data().labels();
    Initialization.apply(run, labels, setup.graph());
    RunDirectory.create(directory, run, labels);
    return MetricsFile.at(target.metrics());
  }

  private MetricsFile restore(
      Setup setup, RunDirectory target, Checkpoint from, List<SpecChange> changes) {
    from.state().data().requireSame(DataFingerprint.of(setup.images().data()));
    restore(setup.graph(), from);
    MetricsFile metrics = MetricsFile.resume(target.metrics(), from.state().metricsBytes());
    changes.forEach(change -> LOG.info("{}: goes on with {}", directory, change));
    if (!changes.isEmpty()) {
      target.update(run);
    }
    return metrics;
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

  /** Trains as a worker that writes nothing: from where the first one is, with its weights. */
  TrainingResult follow(ListenerGroup group) {
    RunImages read = read(group, open());
    return together(
        read,
        group,
        setup -> {
          setup.graph().share();
          Beginning from =
              Beginning.shared(setup.workers(), DataFingerprint.of(setup.images().data()));
          ListenerGroup none = new ListenerGroup(List.of());
          return new TrainingLoop(setup, directory, null, none, stopping, from).run();
        });
  }

  /** What a worker does with the graph that all of them have compiled. */
  @FunctionalInterface
  private interface Work {
    TrainingResult with(Setup setup);
  }

  /** Meets the other workers, where there are some, and makes sure that all want the same. */
  private TrainingResult together(RunImages read, TrainingListener group, Work work) {
    try (Workers workers =
        cluster == null ? Workers.alone() : Workers.join(cluster, run, group::waiting)) {
      return workers.together(
          () -> {
            RunImages images = read.asFirst(workers);
            Agreement.require(workers, run, images.data());
            try (TrainingGraph graph = new TrainingGraph(run, workers, gateNoise)) {
              return work.with(new Setup(run, graph, workers, images));
            }
          });
    } catch (InterruptedWaitException e) {
      throw RunStoppedException.whileWaiting("the other workers");
    }
  }

  private TrainingResult train(Setup setup, RunFiles files, ListenerGroup group, Beginning from) {
    Choices choices = Choices.of(run, listeners);
    group.addFirst(everyRunHas(choices.onTestImages()));
    group.addFirst(List.of(files.metrics()));
    EarlyStopping rule = run.earlyStopping();
    if (rule != null) {
      group.addFirst(List.of(Listeners.earlyStopping(rule)));
    }
    try {
      setup.graph().share();
      from.share(setup.workers());
      return new TrainingLoop(setup, directory, files, group, stopping, from).run();
    } catch (WriteFailedException e) {
      throw e.with(advice -> "make room, then go on with: " + advice.resume(directory));
    }
  }

  private static List<TrainingListener> everyRunHas(Optional<String> note) {
    return ServiceLoader.load(ListenerProvider.class, Trainer.class.getClassLoader()).stream()
        .flatMap(provider -> provider.get().listeners(note).stream())
        .toList();
  }

  /** A run on a dataset that mlit does not know was begun on images that its program had. */
  private void requireKnownData() {
    String name = run.data().dataset();
    if (dataset == null && name != null && !Datasets.names().contains(name)) {
      throw new InvalidInputException(
          directory
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
  private RunImages read(TrainingListener group, Dataset data) {
    RunImages images = RunImages.of(data, Choices.of(run, listeners), tests);
    try {
      images.load(group, stopping);
    } catch (InterruptedReadException e) {
      throw RunStoppedException.whileReading();
    }
    RunImages measured = images.withNeighbours(run);
    measured.neighbours().ifPresent(measure -> LOG.info("{}", measure));
    return measured;
  }
}
