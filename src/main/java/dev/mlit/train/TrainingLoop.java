package dev.mlit.train;

import dev.mlit.cluster.Signals;
import dev.mlit.cluster.Workers;
import dev.mlit.data.Batch;
import dev.mlit.data.BatchIterator;
import dev.mlit.data.Batches;
import dev.mlit.data.DataFingerprint;
import dev.mlit.data.Split;
import dev.mlit.data.image.InterruptedReadException;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelCost;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.Predictions.Part;
import dev.mlit.train.step.LearningRate;
import dev.mlit.train.step.TrainingGraph;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The steps and epochs of a run, from its beginning or from a checkpoint. The variables already
 * have the values to start from. All workers of a run go through the same steps; what one alone
 * knows, such as that it is to stop, it signals to the others.
 */
final class TrainingLoop {
  /** Images that an autoencoder paints after every epoch. */
  private static final int PAINTED = 8;

  private final RunSpec run;
  private final TrainingGraph graph;
  private final Workers workers;
  private final RunImages images;
  private final Path directory;
  private final @Nullable RunFiles files;
  private final TrainingListener told;
  private final BooleanSupplier stopping;
  private final boolean resumed;
  private final Optional<NeighbourAccuracy> neighbours;

  private final DataFingerprint mark;
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
      workers.first(numbers());
    }

    /** What the first worker tells the others. */
    static Beginning shared(Workers workers, DataFingerprint mark) {
      return of(workers.first(new int[NUMBERS]), mark);
    }

    /** The step's two halves, the epoch, and the rule of the rate; all 0 for a run that is new. */
    int[] numbers() {
      RunState own = state;
      return own == null
          ? new int[NUMBERS]
          : new int[] {
            (int) (own.step() >>> Integer.SIZE),
            (int) own.step(),
            own.epoch(),
            own.lastStepLearns() ? 1 : 0
          };
    }

    /** The inverse of {@link #numbers}, for a worker that needs no sums. */
    static Beginning of(int[] numbers, DataFingerprint mark) {
      long step = ((long) numbers[0] << Integer.SIZE) | (numbers[1] & 0xffff_ffffL);
      int epoch = numbers[2];
      boolean lastStepLearns = numbers[3] == 1;
      return epoch == 0
          ? NEW
          : new Beginning(
              new RunState(step, epoch, new EpochSums().state(), 0, 0, mark, lastStepLearns),
              "",
              true);
    }

    private static final int NUMBERS = 4;
  }

  /**
   * A run that is about to start or to go on.
   *
   * @param workers those that train it
   * @param images that it trains on and is measured with
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
      RunImages images,
      Path directory,
      @Nullable RunFiles files,
      TrainingListener told,
      BooleanSupplier stopping,
      Beginning from,
      Optional<NeighbourAccuracy> neighbours) {
    this.run = run;
    this.graph = graph;
    this.workers = workers;
    this.images = images;
    this.directory = directory;
    this.files = files;
    this.told = told;
    this.stopping = stopping;
    this.resumed = from.resumed;
    this.mark = DataFingerprint.of(images.data());
    this.neighbours = neighbours;
    this.stepsPerEpoch = run.probe() == null ? batches(1).count() : Probe.STEPS;
    this.steps = steps(run, stepsPerEpoch);
    RunState state = from.state;
    LearningRate.End end = state == null ? LearningRate.End.AFTER_LAST_STEP : state.end();
    this.rates = LearningRate.of(run, stepsPerEpoch, steps, end);
    this.history = new ArrayList<>(files == null ? List.of() : files.directory().epochs());
    this.cadence = new Cadence(run.checkpoints());
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
    try {
      return toTheEnd();
    } catch (InterruptedReadException e) {
      // Between two steps, as the next one waits for its images.
      stop();
      throw e;
    }
  }

  private TrainingResult toTheEnd() {
    told.started(
        new TrainingListener.Start(
            run,
            directory,
            images.data().name(),
            images.data().labels(),
            ModelCost.of(run.model()).parameters(),
            images.data().train().size(),
            images.data().test().size(),
            stepsPerEpoch,
            steps,
            resumed,
            step,
            history,
            images.validationImages()));
    while (true) {
      Optional<String> reason = trainEpoch();
      if (step == steps || reason.isPresent() || epoch % run.training().testEvery() == 0) {
        measureEpoch();
      }
      if (reason.isEmpty() && step < steps) {
        reason = reasonAfterEpoch();
      }
      if (step == steps || reason.isPresent()) {
        if (images.testsAtTheEnd()) {
          test();
        }
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
    if (MetricsFile.isKept(step)) {
      requireThere();
    }
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
      Probe.recall(run, graph, workers, images.data(), betweenBatches());
      return;
    }
    int count = images.data().train().size();
    TrainingGraph.Step done = Probe.fit(run, graph, workers, images.data(), betweenBatches());
    step = Probe.STEPS;
    if (!Float.isNaN(done.loss())) {
      sums.add(done, count);
    }
    told.step(
        new TrainingListener.Step(
            step, epoch, count, 0, done.loss(), done.balanceLoss(), done.gradientNorm()));
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

  /** The next file would make half of a run where the directory was. */
  private void requireThere() {
    if (files != null) {
      files.directory().requireThere();
    }
  }

  /** Measures the model after an epoch, and saves it. */
  private void measureEpoch() {
    double trained = sums.seconds();
    Optional<Evaluation> validated =
        images.validates() ? Optional.of(evaluate(Part.VALIDATION)) : Optional.empty();
    Optional<Evaluation> tested =
        images.testsEveryEpoch() ? Optional.of(evaluate(Part.TEST)) : Optional.empty();
    TrainingListener.Epoch metrics =
        new TrainingListener.Epoch(
            epoch,
            step,
            sums.meanLoss(),
            graph.classifies() ? sums.accuracy() : Double.NaN,
            tested.map(Evaluation::loss).orElse(Double.NaN),
            tested.map(Evaluation::accuracy).orElse(Double.NaN),
            sums.images() / trained,
            time.seconds(),
            sums.meanRouting(),
            tested.map(Evaluation::routing).orElse(List.of()),
            validated.map(Evaluation::loss).orElse(Double.NaN),
            validated.map(Evaluation::accuracy).orElse(Double.NaN),
            validated.map(Evaluation::routing).orElse(List.of()),
            neighbours());
    history.add(metrics);
    save(Checkpoints.ofEpoch(epoch));
    if (graph.classifies()) {
      validated.ifPresent(evaluation -> told.tested(evaluation.predictions()));
      tested.ifPresent(evaluation -> told.tested(evaluation.predictions()));
    } else if (files != null) {
      told.painted(paint(images.looked().of(images.data())));
    }
    told.epoch(metrics);
  }

  /** Has an autoencoder paint some images, spread over all. */
  private TrainingListener.Painted paint(Split split) {
    ImageShape shape = run.model().image();
    int[] numbers = new int[Math.min(PAINTED, split.size())];
    byte[] pixels = new byte[numbers.length * shape.values()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (int) ((long) split.size() * i / numbers.length);
      split.pixels(numbers[i], pixels, i * shape.values());
    }
    TrainingGraph.Painted painted = graph.paint(pixels, numbers);
    return new TrainingListener.Painted(epoch, pixels, painted.pixels(), painted.mask());
  }

  /** Reads the test images, for the first time; the last epoch is measured and saved. */
  private void test() {
    Evaluation tested;
    try {
      images.loadTest(told, this::stopIfAsked);
      tested = evaluate(Part.TEST);
    } catch (InvalidInputException e) {
      throw new InvalidInputException(
          advice ->
              e.message(advice)
                  + "; all of the training is saved: mend the test images, then test it with: "
                  + advice.resume(directory),
          e);
    }
    requireThere();
    TrainingListener.FinalTest metrics =
        new TrainingListener.FinalTest(
            epoch, step, tested.loss(), tested.accuracy(), time.seconds(), tested.routing());
    int last = history.size() - 1;
    history.set(last, history.get(last).with(metrics));
    if (graph.classifies()) {
      told.tested(tested.predictions());
    }
    told.finalTest(metrics);
  }

  private Evaluation evaluate(Part part) {
    return Evaluation.of(
        graph,
        workers,
        images.data(),
        part,
        epoch,
        step,
        rates.at(step - 1),
        workers.areSeveral() ? () -> {} : this::stopIfAsked);
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
    requireThere();
    double rate = rates.at(step - 1);
    RunState state =
        new RunState(
            step,
            epoch,
            sums.state(),
            time.seconds(),
            files.metrics().sync(),
            mark,
            rates.end() == LearningRate.End.AFTER_LAST_STEP);
    Set<String> best = new HashSet<>();
    for (EpochChoice choice : List.of(EpochChoice.BEST, EpochChoice.BEST_ON_TEST)) {
      BestEpoch.of(history, choice).ifPresent(e -> best.add(Checkpoints.ofEpoch(e.epoch())));
    }
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

  private Batches batches(int epoch) {
    return Batches.shuffled(
            images.data().train(),
            images.data().shape(),
            run.training().batch(),
            run.training().seed(),
            epoch)
        .of(workers.share());
  }
}
