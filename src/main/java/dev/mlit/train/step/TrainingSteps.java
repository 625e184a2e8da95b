package dev.mlit.train.step;

import dev.mlit.cluster.Signals;
import dev.mlit.cluster.Workers;
import dev.mlit.model.RouterLoad;
import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.Tensors;
import dev.mlit.tensorflow.Traces;
import dev.mlit.train.step.TrainingGraph.Images;
import dev.mlit.train.step.TrainingInputs.Fed;
import dev.mlit.train.step.TrainingInputs.Part;
import dev.mlit.weights.Variable;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.proto.StepStats;
import org.tensorflow.types.TFloat32;

/** Runs training steps, with the whole batch at once or, to accumulate gradients, part by part. */
final class TrainingSteps {
  /** What a forward and backward pass gives; the length of the gradients comes after it. */
  private static final int FETCHED = 4;

  private final ModelSpec model;
  private final Graph graph;
  private final Session session;
  private final TrainingInputs inputs;
  private final TrainingOps ops;
  private final List<Variable> weights;
  private final Workers workers;
  private final int microBatch;

  /**
   * Steps of a graph.
   *
   * @param weights the variables of the model
   * @param workers those that share a batch
   * @param microBatch images of a part of a batch, all workers together; as many as there are or
   *     more for no parts
   */
  TrainingSteps(
      ModelSpec model,
      Graph graph,
      Session session,
      TrainingInputs inputs,
      TrainingOps ops,
      List<Variable> weights,
      Workers workers,
      int microBatch) {
    this.model = model;
    this.graph = graph;
    this.session = session;
    this.inputs = inputs;
    this.ops = ops;
    this.weights = weights;
    this.workers = workers;
    this.microBatch = microBatch;
  }

  /**
   * Trains on one batch.
   *
   * @param images this worker's
   * @param step the number of steps before this one
   * @param rate the learning rate
   * @param raised what this worker signals to all of them
   * @throws DivergedException if the loss or a gradient is not finite; no weight has changed then
   */
  TrainingGraph.Step train(Images images, long step, double rate, Signals raised) {
    Accumulation accumulation = ops.accumulation();
    if (accumulation == null) {
      return run(part(images, 0, images.whole()), step, rate, raised, this::update);
    }
    Sum sum = new Sum();
    for (int first = 0; first < images.whole(); first += microBatch) {
      boolean isFirst = first == 0;
      Part part = part(images, first, microBatch);
      sum.add(
          run(
              part,
              step,
              rate,
              raised,
              runner -> {
                accumulation.add(isFirst).forEach(runner::addTarget);
                return runner;
              }),
          part.share());
    }
    try (Fed fed = inputs.fed(new Part(images.pixels(), 0, new int[0], 0, 0), step, rate);
        Result result = update(fed.to(session.runner())).run()) {
      return sum.step(((TFloat32) result.get(0)).getFloat());
    }
  }

  /**
   * This worker's share of a part of the batch.
   *
   * @param first image of the part, in the batch
   * @param size images of the part; the last one may have fewer
   */
  private Part part(Images images, int first, int size) {
    int end = (int) Math.min(images.whole(), (long) first + size);
    int ownFirst = workers.share().size(first);
    int[] labels = Arrays.copyOfRange(images.labels(), ownFirst, workers.share().size(end));
    double share = (end - first) / (double) images.whole();
    int number = first / microBatch * workers.count() + workers.index();
    return new Part(images.pixels(), ownFirst, labels, number, share);
  }

  /** What is done with the gradients of a pass. */
  @FunctionalInterface
  private interface Use {
    Session.Runner with(Session.Runner runner);
  }

  private TrainingGraph.Step run(Part part, long step, double rate, Signals raised, Use gradients) {
    try (Fed fed = inputs.fed(part, step, rate);
        TFloat32 signals = TFloat32.vectorOf(raised.numbers())) {
      Session.Runner runner = pass(fed, signals);
      try (Result result = gradients.with(runner).run()) {
        int fetched = ops.shared() == null ? FETCHED : FETCHED + 1;
        float norm =
            result.size() > fetched ? ((TFloat32) result.get(fetched)).getFloat() : Float.NaN;
        return new TrainingGraph.Step(
            ((TFloat32) result.get(0)).getFloat(),
            ((TFloat32) result.get(1)).getFloat(),
            norm,
            Math.round(((TFloat32) result.get(2)).getFloat()),
            RouterLoad.parse(model, (TFloat32) result.get(3)),
            ops.shared() == null
                ? Signals.NONE
                : Signals.of(Tensors.floats((TFloat32) result.get(FETCHED))));
      } catch (TFInvalidArgumentException e) {
        throw FiniteGuard.caught(e) ? diverged(fed, signals, step, rate) : e;
      }
    }
  }

  /** The forward and the backward pass. */
  private Session.Runner pass(Fed fed, TFloat32 signals) {
    Session.Runner runner =
        feed(fed, signals, session.runner())
            .fetch(ops.training().loss())
            .fetch(ops.training().balanceLoss())
            .fetch(ops.training().hits())
            .fetch(ops.training().routing());
    SharedGradients shared = ops.shared();
    return shared == null ? runner : runner.fetch(shared.signals());
  }

  private Session.Runner feed(Fed fed, TFloat32 signals, Session.Runner runner) {
    SharedGradients shared = ops.shared();
    return shared == null ? fed.to(runner) : fed.to(runner).feed(shared.raised(), signals);
  }

  private Session.Runner update(Session.Runner runner) {
    runner.fetch(ops.optimizer().gradientNorm());
    ops.optimizer().updates().forEach(runner::addTarget);
    ExponentialMovingAverage average = ops.average();
    if (average != null) {
      average.updates().forEach(runner::addTarget);
    }
    return runner;
  }

  private DivergedException diverged(Fed fed, TFloat32 signals, long step, double rate) {
    NonFinite.Search search =
        new NonFinite.Search(graph, session, runner -> feed(fed, signals, runner));
    try (Result result =
        feed(fed, signals, session.runner())
            .fetch(ops.training().loss())
            .fetch(ops.guard().norm())
            .run()) {
      return DivergedException.inStep(
          step + 1,
          rate,
          ((TFloat32) result.get(0)).getFloat(),
          ((TFloat32) result.get(1)).getFloat(),
          search.find(weights, ops.gradients(), ops.training().loss()));
    }
  }

  /** Trains on one batch at once, with the time that every operation took. */
  StepStats trace(Images images, long step, double rate) {
    try (Fed fed = inputs.fed(part(images, 0, images.whole()), step, rate);
        TFloat32 signals = TFloat32.vectorOf(Signals.NONE.numbers())) {
      return Traces.run(update(pass(fed, signals)));
    }
  }

  /** The sum over the parts of a batch, every part by its share. */
  private static final class Sum {
    private double loss;
    private double balanceLoss;
    private int hits;
    private boolean stop;
    private boolean end;
    private final RouterLoad.Mean routing = new RouterLoad.Mean();

    void add(TrainingGraph.Step part, double share) {
      loss += share * part.loss();
      balanceLoss += share * part.balanceLoss();
      hits += part.hits();
      stop |= part.signals().stop();
      end |= part.signals().end();
      routing.add(part.routing(), share);
    }

    TrainingGraph.Step step(float gradientNorm) {
      return new TrainingGraph.Step(
          (float) loss,
          (float) balanceLoss,
          gradientNorm,
          hits,
          routing.mean(),
          new Signals(stop, end));
    }
  }
}
