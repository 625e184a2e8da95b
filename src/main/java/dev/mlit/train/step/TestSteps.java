package dev.mlit.train.step;

import dev.mlit.model.Autoencoder;
import dev.mlit.model.RouterLoad;
import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.BatchParts;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.tensorflow.Tensors;
import dev.mlit.train.step.TrainingGraph.Evaluated;
import dev.mlit.train.step.TrainingGraph.Painted;
import dev.mlit.weights.Variable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TUint8;

/**
 * Runs the model as it is tested, with the average of the weights where the run keeps one; a batch
 * goes through part by part.
 */
final class TestSteps {
  private final ModelSpec model;
  private final Graph graph;
  private final Session session;
  private final TrainingInputs inputs;
  private final TaskOps.Test test;
  private final Operand<TFloat32> loss;
  private final List<Variable> weights;
  private final @Nullable ExponentialMovingAverage average;
  private final BatchParts batchParts;
  private @Nullable NearestNeighbours neighbours;

  /**
   * Tests of a graph.
   *
   * @param loss the sum of the losses of all images, a scalar
   * @param weights the variables of the model
   * @param average of the weights; null where none is kept
   */
  TestSteps(
      ModelSpec model,
      Graph graph,
      Session session,
      TrainingInputs inputs,
      TaskOps.Test test,
      Operand<TFloat32> loss,
      List<Variable> weights,
      @Nullable ExponentialMovingAverage average,
      BatchParts batchParts) {
    this.model = model;
    this.graph = graph;
    this.session = session;
    this.inputs = inputs;
    this.test = test;
    this.loss = loss;
    this.weights = weights;
    this.average = average;
    this.batchParts = batchParts;
  }

  /**
   * Does work with the model as it is tested. The work gets a function that makes a run use the
   * weights to test.
   */
  private <T> T tested(Function<UnaryOperator<Session.Runner>, T> work) {
    if (average == null) {
      return work.apply(runner -> runner);
    }
    try (ExponentialMovingAverage.Values values = average.read(session)) {
      return work.apply(values::feed);
    }
  }

  /** See {@link TrainingGraph#classifyBy}. */
  void classifyBy(NearestNeighbours neighbours) {
    this.neighbours = neighbours;
  }

  /** See {@link TrainingGraph#evaluate}. */
  List<Evaluated> evaluate(byte[] pixels, int[] labels) {
    return tested(
        values ->
            batchParts.run(
                labels.length,
                (first, count) ->
                    evaluatePart(
                        pixels, first, Arrays.copyOfRange(labels, first, first + count), values)));
  }

  private Evaluated evaluatePart(
      byte[] pixels, int first, int[] labels, UnaryOperator<Session.Runner> values) {
    NearestNeighbours voters = neighbours;
    try (TUint8 images = inputs.tensor(pixels, first, labels.length);
        TInt32 classes = TInt32.vectorOf(labels)) {
      Session.Runner runner =
          values
              .apply(session.runner().setOptions(Sessions.onCallingThread()))
              .feed(inputs.images(), images)
              .feed(inputs.labels(), classes)
              .fetch(loss)
              .fetch(test.routing())
              .fetch(test.predicted())
              .fetch(test.confidence())
              .fetch(test.losses());
      if (voters != null) {
        runner.fetch(features());
      }
      return evaluated(runner, labels, voters);
    }
  }

  private Evaluated evaluated(
      Session.Runner runner, int[] labels, @Nullable NearestNeighbours voters) {
    try (Result result = runner.run()) {
      Evaluated byHead =
          new Evaluated(
              labels.length,
              ((TFloat32) result.get(0)).getFloat(),
              RouterLoad.parse(model, (TFloat32) result.get(1)),
              StdArrays.array1dCopyOf((TInt32) result.get(2)),
              StdArrays.array1dCopyOf((TFloat32) result.get(3)),
              StdArrays.array1dCopyOf((TFloat32) result.get(4)));
      return voters == null
          ? byHead
          : voters.evaluated(byHead, Tensors.floats((TFloat32) result.get(5)), labels);
    }
  }

  /** See {@link TrainingGraph#features}. */
  List<float[]> features(byte[] pixels, int count) {
    return tested(
        values ->
            batchParts.run(
                count,
                (first, images) -> {
                  try (TUint8 part = inputs.tensor(pixels, first, images);
                      Result result =
                          values
                              .apply(session.runner().setOptions(Sessions.onCallingThread()))
                              .feed(inputs.images(), part)
                              .fetch(features())
                              .run()) {
                    return Tensors.floats((TFloat32) result.get(0));
                  }
                }));
  }

  private Operand<TFloat32> features() {
    Operand<TFloat32> features = test.features();
    if (features == null) {
      throw new IllegalStateException(model.name() + ": this run has no use for features");
    }
    return features;
  }

  /** See {@link TrainingGraph#paint}. */
  Painted paint(byte[] pixels, int[] numbers) {
    Autoencoder.Reconstruction painted = test.painted();
    if (painted == null) {
      throw new IllegalStateException(model.name() + " is no autoencoder");
    }
    try (TUint8 images = inputs.tensor(pixels, 0, numbers.length);
        TInt32 order = TInt32.vectorOf(numbers)) {
      return tested(
          values -> {
            try (Result result =
                values
                    .apply(session.runner())
                    .feed(inputs.images(), images)
                    .feed(inputs.labels(), order)
                    .fetch(painted.pixels())
                    .fetch(painted.mask())
                    .run()) {
              return new Painted(
                  Tensors.floats((TFloat32) result.get(0)),
                  Tensors.floats((TFloat32) result.get(1)));
            }
          });
    }
  }

  /** See {@link TrainingGraph#nonFinite}. */
  NonFinite nonFinite(byte[] pixels, int[] labels) {
    try (TUint8 images = inputs.tensor(pixels, 0, labels.length);
        TInt32 classes = TInt32.vectorOf(labels)) {
      return tested(
          values ->
              new NonFinite.Search(
                      graph,
                      session,
                      runner ->
                          values
                              .apply(runner)
                              .feed(inputs.images(), images)
                              .feed(inputs.labels(), classes))
                  .find(weights, Map.of(), loss));
    }
  }
}
