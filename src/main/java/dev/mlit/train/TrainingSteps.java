package dev.mlit.train;

import dev.mlit.graph.RouterLoad;
import dev.mlit.graph.Traces;
import dev.mlit.graph.Variable;
import dev.mlit.spec.ModelSpec;
import dev.mlit.train.TrainingInputs.Fed;
import dev.mlit.train.TrainingInputs.Part;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.proto.StepStats;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

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
  private final int microBatch;

  /**
   * Steps of a graph.
   *
   * @param weights the variables of the model
   * @param microBatch images of a part; as many as there are or more for no parts
   */
  TrainingSteps(
      ModelSpec model,
      Graph graph,
      Session session,
      TrainingInputs inputs,
      TrainingOps ops,
      List<Variable> weights,
      int microBatch) {
    this.model = model;
    this.graph = graph;
    this.session = session;
    this.inputs = inputs;
    this.ops = ops;
    this.weights = weights;
    this.microBatch = microBatch;
  }

  /**
   * Trains on one batch.
   *
   * @param pixels uint8 [labels.length, height, width, channels]
   * @param labels the classes
   * @param step the number of steps before this one
   * @param rate the learning rate
   * @throws DivergedException if the loss or a gradient is not finite; no weight has changed then
   */
  TrainingGraph.Step train(byte[] pixels, int[] labels, long step, double rate) {
    Accumulation accumulation = ops.accumulation();
    if (accumulation == null) {
      return run(Part.whole(pixels, labels), step, rate, this::update);
    }
    Sum sum = new Sum();
    for (int first = 0; first < labels.length; first += microBatch) {
      boolean isFirst = first == 0;
      Part part = part(pixels, labels, first);
      sum.add(
          run(
              part,
              step,
              rate,
              runner -> {
                accumulation.add(isFirst).forEach(runner::addTarget);
                return runner;
              }),
          part.share());
    }
    try (Fed fed = inputs.fed(new Part(pixels, 0, new int[0], 0, 0), step, rate);
        Result result = update(fed.to(session.runner())).run()) {
      return sum.step(((TFloat32) result.get(0)).getFloat());
    }
  }

  private Part part(byte[] pixels, int[] labels, int first) {
    int end = (int) Math.min(labels.length, (long) first + microBatch);
    double share = (end - first) / (double) labels.length;
    return new Part(
        pixels, first, Arrays.copyOfRange(labels, first, end), first / microBatch, share);
  }

  /** What is done with the gradients of a pass. */
  @FunctionalInterface
  private interface Use {
    Session.Runner with(Session.Runner runner);
  }

  private TrainingGraph.Step run(Part part, long step, double rate, Use gradients) {
    try (Fed fed = inputs.fed(part, step, rate)) {
      try (Result result = gradients.with(pass(fed)).run()) {
        float norm =
            result.size() > FETCHED ? ((TFloat32) result.get(FETCHED)).getFloat() : Float.NaN;
        return new TrainingGraph.Step(
            ((TFloat32) result.get(0)).getFloat(),
            ((TFloat32) result.get(1)).getFloat(),
            norm,
            ((TInt32) result.get(2)).getInt(),
            RouterLoad.parse(model, (TFloat32) result.get(3)));
      } catch (TFInvalidArgumentException e) {
        throw FiniteGuard.caught(e) ? diverged(fed, step, rate) : e;
      }
    }
  }

  /** The forward and the backward pass. */
  private Session.Runner pass(Fed fed) {
    return fed.to(session.runner())
        .fetch(ops.training().loss())
        .fetch(ops.training().balanceLoss())
        .fetch(ops.training().hits())
        .fetch(ops.training().routing());
  }

  private Session.Runner update(Session.Runner runner) {
    runner.fetch(ops.optimizer().gradientNorm());
    ops.optimizer().updates().forEach(runner::addTarget);
    WeightAverage average = ops.average();
    if (average != null) {
      average.updates().forEach(runner::addTarget);
    }
    return runner;
  }

  private DivergedException diverged(Fed fed, long step, double rate) {
    NonFinite.Search search = new NonFinite.Search(graph, session, fed::to);
    try (Result result =
        fed.to(session.runner()).fetch(ops.training().loss()).fetch(ops.guard().norm()).run()) {
      return DivergedException.inStep(
          step + 1,
          rate,
          ((TFloat32) result.get(0)).getFloat(),
          ((TFloat32) result.get(1)).getFloat(),
          search.find(weights, ops.gradients(), ops.training().loss()));
    }
  }

  /** Trains on one batch at once, and says what every operation took. */
  StepStats trace(byte[] pixels, int[] labels, long step, double rate) {
    try (Fed fed = inputs.fed(Part.whole(pixels, labels), step, rate)) {
      return Traces.run(update(pass(fed)));
    }
  }

  /** What the parts of a batch add up to, every part by its share. */
  private static final class Sum {
    private double loss;
    private double balanceLoss;
    private int hits;
    private final RouterLoad.Mean routing = new RouterLoad.Mean();

    void add(TrainingGraph.Step part, double share) {
      loss += share * part.loss();
      balanceLoss += share * part.balanceLoss();
      hits += part.hits();
      routing.add(part.routing(), share);
    }

    TrainingGraph.Step step(float gradientNorm) {
      return new TrainingGraph.Step(
          (float) loss, (float) balanceLoss, gradientNorm, hits, routing.mean());
    }
  }
}
