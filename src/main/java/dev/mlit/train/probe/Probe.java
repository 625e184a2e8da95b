package dev.mlit.train.probe;

import dev.mlit.cluster.Signals;
import dev.mlit.cluster.Workers;
import dev.mlit.data.Dataset;
import dev.mlit.spec.ProbeSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.step.Features;
import dev.mlit.train.step.NearestNeighbours;
import dev.mlit.train.step.TrainingGraph;
import dev.mlit.weights.Weights;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Fits a classifier to features in place of a run's steps: the features of the training images are
 * computed once, with the encoder as it is, and the graph classifies by them.
 *
 * @since 0.1.0
 */
public final class Probe {
  /** The steps of a run with a probe. */
  public static final int STEPS = 1;

  private Probe() {}

  /**
   * Solves the head and assigns it to the graph, or has the graph look up nearest neighbours.
   *
   * @param betweenBatches is called before each batch of images and may throw
   * @return the head's loss and hits on the training images; of neighbours, which are none other
   *     than these images, both are NaN and 0
   */
  public static TrainingGraph.Step fit(
      RunSpec run, TrainingGraph graph, Workers workers, Dataset data, Runnable betweenBatches) {
    ProbeSpec probe = Objects.requireNonNull(run.probe());
    if (probe.kind() == ProbeSpec.Kind.NEAREST_NEIGHBOURS) {
      recall(run, graph, workers, data, betweenBatches);
      return new TrainingGraph.Step(Float.NaN, 0, 0, 0, List.of(), Signals.NONE);
    }
    Features features =
        FeatureExtractor.of(graph, workers, data.train(), data.shape(), betweenBatches);
    int classes = run.model().classes();
    LogisticRegression.Head head = LogisticRegression.fit(features, classes, probe.l2());
    graph.assign(
        Map.of(
            "head/kernel",
            array(workers, head.kernel(), features.width(), classes),
            "head/bias",
            array(workers, head.bias(), classes)));
    return new TrainingGraph.Step(
        (float) head.loss(), 0, (float) head.gradient(), head.hits(), List.of(), Signals.NONE);
  }

  /**
   * Has the graph classify as it did when the probe was fitted: a head is one of its variables,
   * while neighbours are looked up again.
   */
  public static void recall(
      RunSpec run, TrainingGraph graph, Workers workers, Dataset data, Runnable betweenBatches) {
    ProbeSpec probe = Objects.requireNonNull(run.probe());
    if (probe.kind() == ProbeSpec.Kind.NEAREST_NEIGHBOURS) {
      Features bank =
          FeatureExtractor.of(graph, workers, data.train(), data.shape(), betweenBatches);
      graph.classifyBy(new NearestNeighbours(bank, run.model().classes(), probe.k()));
    }
  }

  /** The first worker's values: all have solved the same, but maybe on other processors. */
  private static Weights.Array array(Workers workers, float[] values, long... shape) {
    return new Weights.Array(Arrays.stream(shape).boxed().toList(), workers.first(values));
  }
}
