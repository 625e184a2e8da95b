package dev.mlit.train;

import dev.mlit.data.Batch;
import dev.mlit.data.BatchIterator;
import dev.mlit.data.Batches;
import dev.mlit.data.Dataset;
import dev.mlit.spec.ModelCost;
import dev.mlit.spec.RunSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The steps and epochs of a run, from its beginning or from a checkpoint. The variables already
 * have the values to start from. All workers of a run go through the same steps; what one alone
 * knows, such as that it is to stop, it signals to the others.
 */
final class TrainingLoop {
  private final RunSpec run;
  private final TrainingGraph graph;
  private final Workers workers;
  private final Dataset data;
  private final Path directory;
  private final @Nullable RunFiles files;
  private final TrainingListener told;
  private final BooleanSupplier stopping;
  private final boolean resumed;
  private final Optional<NeighbourAccuracy> neighbours;

  private final DataMark mark;
  private final int stepsPerEpoch;
  private final long steps;
  private final LearningRate rates;
  private final List<TrainingListener.Epoch> history;
  private final Stopwatch time;
  private final Cadence cadence;

  private long step;
  private long savedStep;
  private String savedName;
  private int epoch;
  private EpochSums sums;

  /**
   * Where a run begins.
   *
   * @param state where it was; null to start at the beginning
   * @param checkpoint the name of the checkpoint with that state; empty if there is none
   * @param resumed whether another process has started the run
   */
  record Beginning(@Nullable RunState state, String checkpoint, boolean resumed) {
    static final Beginning NEW = new Beginning(null, "", false);

    /** Tells the other workers, of the first one. */
    void share(Workers workers) {
      RunState own = state;
      workers.first(
          own == null
              ? new int[NUMBERS]
              : new int[] {(int) (own.step() >>> Integer.SIZE), (int) own.step(), own.epoch()});
    }

    /** What the first worker tells the others. */
    static Beginning shared(Workers workers, DataMark mark) {
      int[] told = workers.first(new int[NUMBERS]);
      long step = ((long) told[0] << Integer.SIZE) | (told[1] & 0xffff_ffffL);
      int epoch = told[2];
      return epoch == 0
          ? NEW
          : new Beginning(new RunState(step, epoch, new EpochSums().state(), 0, 0, mark), "", true);
    }

    /** The step's two halves, and the epoch; all 0 for a run that is new. */
    private static final int NUMBERS = 3;
  }

  /**
   * A run that is about to start or to go on.
   *
   * @param workers those that train it
   * @param directory of the run
   * @param files that are written; null for a worker that writes none
   * @param told the listeners, the metrics of the files among them
   * @param stopping true when the run shall be saved and stopped
   * @param neighbours measured beside the tests; empty for no such measure
   */
  TrainingLoop(
      RunSpec run,
      TrainingGraph graph,
      Workers workers,
      Dataset data,
      Path directory,
      @Nullable RunFiles files,
      TrainingListener told,
      BooleanSupplier stopping,
      Beginning from,
      Optional<NeighbourAccuracy> neighbours) {
    this.run = run;
    this.graph = graph;
    this.workers = workers;
    this.data = data;
    this.directory = directory;
    this.files = files;
    this.told = told;
    this.stopping = stopping;
    this.resumed = from.resumed;
    this.mark = DataMark.of(data);
    this.neighbours = neighbours;
    this.stepsPerEpoch = run.probe() == null ? batches(1).count() : Probe.STEPS;
    this.steps = steps(run, stepsPerEpoch);
    this.rates = LearningRate.of(run, stepsPerEpoch, steps);
    this.history = new ArrayList<>(files == null ? List.of() : files.directory().epochs());
    this.cadence = new Cadence(run.checkpoints());
    RunState state = from.state;
    if (state == null) {
      this.time = new Stopwatch(0);
      this.epoch = 1;
      this.sums = new EpochSums();
    } else {
      state.data().requireSame(mark);
      ResumeRules.requireLongEnough(directory, state.step(), steps);
      this.time = new Stopwatch(state.seconds());
      this.step = state.step();
      this.epoch = state.epoch();
      this.sums = new EpochSums(state.sums());
    }
    this.savedName = from.checkpoint;
    this.savedStep = step;
  }

  private static long steps(RunSpec run, int stepsPerEpoch) {
    if (run.probe() != null) {
      return Probe.STEPS;
    }
    long steps = (long) stepsPerEpoch * run.training().epochs();
    Integer limit = run.training().steps();
    return limit == null ? steps : Math.min(steps, limit);
  }

  /**
   * Trains to the end.
   *
   * @throws RunStoppedException if it was asked to stop
   */
  TrainingResult run() {
    told.started(
        new TrainingListener.Start(
            run,
            directory,
            data.name(),
            data.labels(),
            ModelCost.of(run.model()).parameters(),
            data.train().size(),
            data.test().size(),
            stepsPerEpoch,
            steps,
            resumed,
            step,
            history));
    while (true) {
      Optional<String> reason = trainEpoch();
      if (step == steps || reason.isPresent() || epoch % run.training().testEvery() == 0) {
        testEpoch();
      }
      if (reason.isEmpty() && step < steps) {
        reason = reasonAfterEpoch();
      }
      if (step == steps || reason.isPresent()) {
        TrainingResult result = result();
        told.ended(result, step == steps ? Optional.empty() : reason);
        return result;
      }
      epoch++;
      sums = new EpochSums();
    }
  }

  /** Trains what is left of the epoch; returns the reason of a listener to end the run. */
  private Optional<String> trainEpoch() {
    if (run.probe() != null) {
      probe();
      return Optional.empty();
    }
    int done = (int) (step - (long) (epoch - 1) * stepsPerEpoch);
    try (BatchIterator batches = batches(epoch).startingAt(done).iterator()) {
      while (step < steps && batches.hasNext()) {
        Optional<String> reason = step(batches.next());
        if (reason.isPresent()) {
          return reason;
        }
        if (cadence.isDue(step - savedStep) && step < steps && batches.hasNext()) {
          save(Checkpoints.ofStep(step));
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
      return told.reasonToEnd();
    }
    Optional<String> reason = told.reasonToEnd();
    Signals all = train(batch, new Signals(stopping.getAsBoolean(), reason.isPresent()));
    return obey(all, reason);
  }

  /** As {@link #step}, between two epochs. */
  private Optional<String> reasonAfterEpoch() {
    Optional<String> reason = told.reasonToEnd();
    if (!workers.areSeveral()) {
      return reason;
    }
    Signals own = new Signals(stopping.getAsBoolean(), reason.isPresent());
    return obey(workers.all(own), reason);
  }

  /** Stops, or ends with the first worker's reason, if that is what any of them wants. */
  private Optional<String> obey(Signals all, Optional<String> reason) {
    if (all.stop() && step < steps) {
      stop();
    }
    return all.end() ? Optional.of(reason.orElse("another worker has a reason")) : Optional.empty();
  }

  private Signals train(Batch batch, Signals raised) {
    double rate = rates.at(step);
    TrainingGraph.Step done = graph.train(TrainingGraph.Images.of(batch), step, rate, raised);
    step++;
    sums.add(done, batch.whole());
    told.step(
        new TrainingListener.Step(
            step,
            epoch,
            batch.whole(),
            rate,
            done.loss(),
            done.balanceLoss(),
            done.gradientNorm()));
    return done.signals();
  }

  /** Fits the probe, or makes the graph tell classes as when it was fitted. */
  private void probe() {
    if (step == Probe.STEPS) {
      Probe.recall(run, graph, workers, data, betweenBatches());
      return;
    }
    int images = data.train().size();
    TrainingGraph.Step done = Probe.fit(run, graph, workers, data, betweenBatches());
    step = Probe.STEPS;
    if (!Float.isNaN(done.loss())) {
      sums.add(done, images);
    }
    told.step(
        new TrainingListener.Step(
            step, epoch, images, 0, done.loss(), done.balanceLoss(), done.gradientNorm()));
  }

  /**
   * Several workers go through all batches, so that none of them waits for one that has stopped.
   */
  private Runnable betweenBatches() {
    return workers.areSeveral() ? () -> {} : this::stopIfAsked;
  }

  private double neighbours() {
    boolean last = step == steps;
    return neighbours
        .filter(measure -> last || measure.isDue(epoch))
        .map(measure -> measure.measure(graph, workers, betweenBatches()))
        .orElse(Double.NaN);
  }

  private void testEpoch() {
    double trained = sums.seconds();
    Evaluation tested =
        Evaluation.of(graph, workers, data, epoch, step, rates.at(step - 1), betweenBatches());
    TrainingListener.Epoch metrics =
        new TrainingListener.Epoch(
                epoch,
                step,
                sums.meanLoss(),
                graph.classifies() ? sums.accuracy() : Double.NaN,
                tested.loss(),
                tested.accuracy(),
                sums.images() / trained,
                time.seconds(),
                sums.meanRouting(),
                tested.routing())
            .withNeighbours(neighbours());
    history.add(metrics);
    save(Checkpoints.ofEpoch(epoch));
    if (graph.classifies()) {
      told.tested(tested.predictions());
    } else if (files != null) {
      Reconstructions.write(graph, run.model(), data, directory, epoch);
    }
    told.epoch(metrics);
  }

  private void stopIfAsked() {
    if (stopping.getAsBoolean()) {
      stop();
    }
  }

  private void stop() {
    if (step > savedStep) {
      save(Checkpoints.ofStep(step));
    }
    throw RunStoppedException.saved(directory, step, steps);
  }

  /** Does nothing if this very checkpoint is the one that the run has gone on from. */
  private void save(String name) {
    if (step == savedStep && name.equals(savedName)) {
      return;
    }
    if (files != null) {
      write(files, name);
    }
    savedStep = step;
    savedName = name;
    cadence.restart();
  }

  private void write(RunFiles files, String name) {
    double rate = rates.at(step - 1);
    RunState state =
        new RunState(step, epoch, sums.state(), time.seconds(), files.metrics().sync(), mark);
    String best = BestEpoch.of(history).map(e -> Checkpoints.ofEpoch(e.epoch())).orElse(null);
    files
        .directory()
        .checkpoints()
        .write(name, state, best, prefix -> graph.save(prefix, step, rate));
  }

  /** Of a worker that writes nothing: what the first one has written, where both see its disk. */
  private TrainingResult result() {
    if (files != null) {
      return files.directory().result();
    }
    TrainingListener.Epoch last = history.get(history.size() - 1);
    return new TrainingResult(
        run,
        directory,
        RunDirectory.checkpoint(directory, Checkpoints.ofEpoch(last.epoch())),
        data.labels(),
        data.name(),
        last.testAccuracy(),
        last.testLoss(),
        data.test().size(),
        last.step(),
        last.seconds());
  }

  private Batches batches(int epoch) {
    return Batches.shuffled(
            data.train(), data.shape(), run.training().batch(), run.training().seed(), epoch)
        .of(workers.share());
  }
}
