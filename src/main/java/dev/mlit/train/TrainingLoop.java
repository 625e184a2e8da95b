package dev.mlit.train;

import dev.mlit.cluster.Signals;
import dev.mlit.cluster.Workers;
import dev.mlit.data.Batch;
import dev.mlit.data.BatchIterator;
import dev.mlit.data.image.InterruptedReadException;
import dev.mlit.spec.ModelCost;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.probe.Probe;
import dev.mlit.train.step.TrainingGraph;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The steps and epochs of a run, from its beginning or from a checkpoint. The variables already
 * have the values to start from. All workers of a run go through the same steps; what only one
 * knows, such as that it is to stop, it signals to the others.
 */
final class TrainingLoop {
  private final RunSpec run;
  private final TrainingGraph graph;
  private final Workers workers;
  private final RunImages images;
  private final Setup setup;
  private final Path directory;
  private final @Nullable RunFiles files;
  private final TrainingListener listeners;
  private final BooleanSupplier stopping;
  private final boolean resumed;
  private final Position position;
  private final CheckpointWriter checkpoints;
  private final Measurement measurement;

  /**
   * A run that is about to start or to go on.
   *
   * @param directory of the run
   * @param files that are written; null for a worker that writes none
   * @param listeners those of the user, of every run, and the metrics of the files
   * @param stopping true when the run shall be saved and stopped
   */
  TrainingLoop(
      Setup setup,
      Path directory,
      @Nullable RunFiles files,
      TrainingListener listeners,
      BooleanSupplier stopping,
      Beginning from) {
    this.setup = setup;
    this.run = setup.run();
    this.graph = setup.graph();
    this.workers = setup.workers();
    this.images = setup.images();
    this.directory = directory;
    this.files = files;
    this.listeners = listeners;
    this.stopping = stopping;
    this.resumed = from.resumed();
    RunState state = from.state();
    this.position =
        new Position(setup, state, files == null ? List.of() : files.directory().epochs());
    if (state != null) {
      state.data().requireSame(position.data());
      ResumeRules.requireLongEnough(directory, state.step(), position.steps());
    }
    this.checkpoints = new CheckpointWriter(setup, position, files, from.checkpoint());
    this.measurement = new Measurement(setup, position, checkpoints, listeners, this::stopIfAsked);
  }

  /**
   * Trains to the end.
   *
   * @throws RunStoppedException if it was asked to stop
   */
  TrainingResult run() {
    try {
      return toTheEnd();
    } catch (InterruptedReadException e) {
      // Between two steps, as the next one waits for its images.
      stop();
      throw e;
    }
  }

  private TrainingResult toTheEnd() {
    listeners.started(
        new TrainingListener.Start(
            run,
            directory,
            images.data().name(),
            images.data().labels(),
            ModelCost.of(run.model()).parameters(),
            images.data().train().size(),
            images.data().test().size(),
            position.stepsPerEpoch(),
            position.steps(),
            resumed,
            position.step(),
            position.history(),
            images.validationImages()));
    while (true) {
      Optional<String> reason = trainEpoch();
      if (position.isAtEnd()
          || reason.isPresent()
          || position.epoch() % run.training().testEvery() == 0) {
        measurement.epoch();
      }
      if (reason.isEmpty() && !position.isAtEnd()) {
        reason = reasonAfterEpoch();
      }
      if (position.isAtEnd() || reason.isPresent()) {
        if (images.testsAtTheEnd()) {
          measurement.test(directory);
        }
        TrainingResult result = result();
        listeners.ended(result, position.isAtEnd() ? Optional.empty() : reason);
        return result;
      }
      position.nextEpoch();
    }
  }

  /** Trains what is left of the epoch; returns the reason of a listener to end the run. */
  private Optional<String> trainEpoch() {
    if (run.probe() != null) {
      probe();
      return Optional.empty();
    }
    try (BatchIterator batches =
        setup.batches(position.epoch()).startingAt(position.stepOfEpoch()).iterator()) {
      while (!position.isAtEnd() && batches.hasNext()) {
        Optional<String> reason = step(batches.next());
        if (reason.isPresent()) {
          return reason;
        }
        if (checkpoints.isDue() && !position.isAtEnd() && batches.hasNext()) {
          checkpoints.saveStep();
        }
      }
    }
    return Optional.empty();
  }

  /** Trains on a batch; returns the reason of a listener to end the run. */
  private Optional<String> step(Batch batch) {
    if (!workers.areSeveral()) {
      stopIfAsked();
      train(batch, Signals.NONE);
      return listeners.reasonToEnd();
    }
    Optional<String> reason = listeners.reasonToEnd();
    Signals all = train(batch, new Signals(stopping.getAsBoolean(), reason.isPresent()));
    return obey(all, reason);
  }

  /** As {@link #step}, between two epochs. */
  private Optional<String> reasonAfterEpoch() {
    Optional<String> reason = listeners.reasonToEnd();
    if (!workers.areSeveral()) {
      return reason;
    }
    Signals raised = new Signals(stopping.getAsBoolean(), reason.isPresent());
    return obey(workers.all(raised), reason);
  }

  /** Stops, or ends with the first worker's reason, if that is what any of them wants. */
  private Optional<String> obey(Signals all, Optional<String> reason) {
    if (all.stop() && !position.isAtEnd()) {
      stop();
    }
    return all.end() ? Optional.of(reason.orElse("another worker has a reason")) : Optional.empty();
  }

  private Signals train(Batch batch, Signals raised) {
    double rate = position.nextRate();
    TrainingGraph.Step done =
        graph.train(TrainingGraph.Images.of(batch), position.step(), rate, raised);
    position.add(done, batch.whole());
    if (MetricsFile.isKept(position.step())) {
      checkpoints.requireDirectory();
    }
    report(done, batch.whole(), rate);
    return done.signals();
  }

  /** Fits the probe, or makes the graph classify as when it was fitted. */
  private void probe() {
    Runnable betweenBatches = measurement.betweenBatches();
    if (position.isAtEnd()) {
      Probe.recall(run, graph, workers, images.data(), betweenBatches);
      return;
    }
    int count = images.data().train().size();
    TrainingGraph.Step done = Probe.fit(run, graph, workers, images.data(), betweenBatches);
    if (Float.isNaN(done.loss())) {
      position.addWithoutSums();
    } else {
      position.add(done, count);
    }
    report(done, count, 0);
  }

  private void report(TrainingGraph.Step done, int count, double rate) {
    listeners.step(
        new TrainingListener.Step(
            position.step(),
            position.epoch(),
            count,
            rate,
            done.loss(),
            done.balanceLoss(),
            done.gradientNorm()));
  }

  private void stopIfAsked() {
    if (stopping.getAsBoolean()) {
      stop();
    }
  }

  private void stop() {
    checkpoints.saveStep();
    throw RunStoppedException.saved(directory, position.step(), position.steps());
  }

  /** Of a worker that writes nothing: what the first one has written, where both see its disk. */
  private TrainingResult result() {
    if (files != null) {
      return files.directory().result();
    }
    List<TrainingListener.Epoch> history = position.history();
    TrainingListener.Epoch last = history.get(history.size() - 1);
    return new TrainingResult(
        run,
        directory,
        RunDirectory.checkpoint(directory, Checkpoints.ofEpoch(last.epoch())),
        images.data().labels(),
        images.data().name(),
        last.testAccuracy(),
        last.testLoss(),
        images.data().test().size(),
        last.step(),
        last.seconds(),
        last.validationAccuracy(),
        last.validationLoss(),
        images.validationImages());
  }
}
