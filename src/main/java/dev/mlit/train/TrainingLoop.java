package dev.mlit.train;

import dev.mlit.data.Batch;
import dev.mlit.data.BatchIterator;
import dev.mlit.data.Batches;
import dev.mlit.data.Dataset;
import dev.mlit.spec.ModelCost;
import dev.mlit.spec.RunSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The steps and epochs of a run, from its beginning or from a checkpoint. The variables already
 * have the values to start from.
 */
final class TrainingLoop {
  private final RunSpec run;
  private final TrainingGraph graph;
  private final Dataset data;
  private final RunDirectory target;
  private final MetricsFile metrics;
  private final TrainingListener told;
  private final BooleanSupplier stopping;
  private final boolean resumed;

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
   * A run that is about to start or to go on.
   *
   * @param metrics the run's own; told is told of everything, too
   * @param told the listeners, metrics among them
   * @param stopping true when the run shall be saved and stopped
   * @param resumed whether another process has started the run
   * @param from where the run was; null to start at the beginning
   */
  TrainingLoop(
      RunSpec run,
      TrainingGraph graph,
      Dataset data,
      RunDirectory target,
      MetricsFile metrics,
      TrainingListener told,
      BooleanSupplier stopping,
      boolean resumed,
      @Nullable Checkpoint from) {
    this.run = run;
    this.graph = graph;
    this.data = data;
    this.target = target;
    this.metrics = metrics;
    this.told = told;
    this.stopping = stopping;
    this.resumed = resumed;
    this.mark = DataMark.of(data);
    this.stepsPerEpoch = batches(1).count();
    this.steps = steps(run, stepsPerEpoch);
    this.rates = LearningRate.of(run, stepsPerEpoch, steps);
    this.history = new ArrayList<>(MetricsFile.epochs(target.metrics()));
    this.cadence = new Cadence(run.checkpoints());
    if (from == null) {
      this.time = new Stopwatch(0);
      this.epoch = 1;
      this.sums = new EpochSums();
      this.savedName = "";
    } else {
      RunState state = from.state();
      state.data().requireSame(mark);
      ResumeRules.requireLongEnough(target.path(), state.step(), steps);
      this.time = new Stopwatch(state.seconds());
      this.step = state.step();
      this.epoch = state.epoch();
      this.sums = new EpochSums(state.sums());
      this.savedName = from.directory().getFileName().toString();
    }
    this.savedStep = step;
  }

  private static long steps(RunSpec run, int stepsPerEpoch) {
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
            target.path(),
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
      if (reason.isEmpty()) {
        reason = told.reasonToEnd();
      }
      if (step == steps || reason.isPresent()) {
        TrainingResult result = target.result();
        told.ended(result, step == steps ? Optional.empty() : reason);
        return result;
      }
      epoch++;
      sums = new EpochSums();
    }
  }

  /** Trains what is left of the epoch; returns the reason of a listener to end the run. */
  private Optional<String> trainEpoch() {
    int done = (int) (step - (long) (epoch - 1) * stepsPerEpoch);
    try (BatchIterator batches = batches(epoch).startingAt(done).iterator()) {
      while (step < steps && batches.hasNext()) {
        stopIfAsked();
        train(batches.next());
        Optional<String> reason = told.reasonToEnd();
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

  private void train(Batch batch) {
    double rate = rates.at(step);
    TrainingGraph.Step done = graph.train(batch.pixels(), batch.labels(), step, rate);
    step++;
    sums.add(done, batch.size());
    told.step(
        new TrainingListener.Step(
            step, epoch, batch.size(), rate, done.loss(), done.balanceLoss(), done.gradientNorm()));
  }

  private void testEpoch() {
    double trained = sums.seconds();
    Evaluation tested =
        Evaluation.of(graph, data, epoch, step, rates.at(step - 1), this::stopIfAsked);
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
            tested.routing());
    history.add(metrics);
    save(Checkpoints.ofEpoch(epoch));
    if (graph.classifies()) {
      told.tested(tested.predictions());
    } else {
      Reconstructions.write(graph, run.model(), data, target.path(), epoch);
    }
    told.epoch(metrics);
  }

  private void stopIfAsked() {
    if (stopping.getAsBoolean()) {
      if (step > savedStep) {
        save(Checkpoints.ofStep(step));
      }
      throw RunStoppedException.saved(target.path(), step, steps);
    }
  }

  /** Does nothing if this very checkpoint is the one that the run has gone on from. */
  private void save(String name) {
    if (step == savedStep && name.equals(savedName)) {
      return;
    }
    double rate = rates.at(step - 1);
    RunState state = new RunState(step, epoch, sums.state(), time.seconds(), metrics.sync(), mark);
    String best = BestEpoch.of(history).map(e -> Checkpoints.ofEpoch(e.epoch())).orElse(null);
    target.checkpoints().write(name, state, best, prefix -> graph.save(prefix, step, rate));
    savedStep = step;
    savedName = name;
    cadence.restart();
  }

  private Batches batches(int epoch) {
    return Batches.shuffled(
        data.train(), data.shape(), run.training().batch(), run.training().seed(), epoch);
  }
}
