package dev.mlit.train;

import dev.mlit.data.DataFingerprint;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.probe.Probe;
import dev.mlit.train.step.LearningRate;
import dev.mlit.train.step.TrainingGraph;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is: its steps, the sums of the epoch that it is in, its time, and the epochs that
 * are measured. {@link RunState} is what a checkpoint keeps of it.
 */
final class Position {
  private final DataFingerprint data;
  private final int stepsPerEpoch;
  private final long steps;
  private final LearningRate rates;
  private final Stopwatch time;
  private final List<TrainingListener.Epoch> history;

  private long step;
  private int epoch;
  private EpochSums sums;

  /**
   * The position that a run begins at.
   *
   * @param state where it was; null to start at the beginning
   * @param history the epochs that were measured
   */
  Position(Setup setup, @Nullable RunState state, List<TrainingListener.Epoch> history) {
    RunSpec run = setup.run();
    this.data = DataFingerprint.of(setup.images().data());
    this.stepsPerEpoch = run.probe() == null ? setup.batches(1).count() : Probe.STEPS;
    this.steps = steps(run, stepsPerEpoch);
    LearningRate.End end = state == null ? LearningRate.End.AFTER_LAST_STEP : state.end();
    this.rates = LearningRate.of(run, stepsPerEpoch, steps, end);
    this.history = new ArrayList<>(history);
    if (state == null) {
      this.time = new Stopwatch(0);
      this.epoch = 1;
      this.sums = new EpochSums();
    } else {
      this.time = new Stopwatch(state.seconds());
      this.step = state.step();
      this.epoch = state.epoch();
      this.sums = new EpochSums(state.sums());
    }
  }

  private static long steps(RunSpec run, int stepsPerEpoch) {
    if (run.probe() != null) {
      return Probe.STEPS;
    }
    long steps = (long) stepsPerEpoch * run.training().epochs();
    Integer limit = run.training().steps();
    return limit == null ? steps : Math.min(steps, limit);
  }

  /** The images that it trains on. */
  DataFingerprint data() {
    return data;
  }

  int stepsPerEpoch() {
    return stepsPerEpoch;
  }

  /** Steps of the whole run. */
  long steps() {
    return steps;
  }

  /** Steps that are done. */
  long step() {
    return step;
  }

  boolean isAtEnd() {
    return step == steps;
  }

  /** Counted from 1. */
  int epoch() {
    return epoch;
  }

  /** Steps of this epoch that are done. */
  int stepOfEpoch() {
    return (int) (step - (long) (epoch - 1) * stepsPerEpoch);
  }

  EpochSums sums() {
    return sums;
  }

  /** Since the start of the run. */
  double seconds() {
    return time.seconds();
  }

  /** The learning rate of the next step. */
  double nextRate() {
    return rates.at(step);
  }

  /** The learning rate of the last step. */
  double lastRate() {
    return rates.at(step - 1);
  }

  /**
   * A step is done.
   *
   * @param images that it has trained on
   */
  void add(TrainingGraph.Step done, int images) {
    step++;
    sums.add(done, images);
  }

  /** A step is done that has no sums, as it has looked up neighbours. */
  void addWithoutSums() {
    step++;
  }

  void nextEpoch() {
    epoch++;
    sums = new EpochSums();
  }

  /** The epochs that were measured. */
  List<TrainingListener.Epoch> history() {
    return List.copyOf(history);
  }

  void addMeasured(TrainingListener.Epoch measured) {
    history.add(measured);
  }

  /** Adds the test at the end to what was measured after the last epoch. */
  void addTest(TrainingListener.FinalTest test) {
    int last = history.size() - 1;
    history.set(last, history.get(last).with(test));
  }

  /**
   * What a checkpoint keeps.
   *
   * @param metricsBytes the length of metrics.jsonl
   */
  RunState state(long metricsBytes) {
    return new RunState(
        step,
        epoch,
        sums.state(),
        seconds(),
        metricsBytes,
        data,
        rates.end() == LearningRate.End.AFTER_LAST_STEP);
  }
}
