package dev.mlit.photos;

import dev.mlit.cluster.Signals;
import dev.mlit.data.BatchIterator;
import dev.mlit.data.Batches;
import dev.mlit.data.Dataset;
import dev.mlit.data.Split;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.step.TrainingGraph;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the speed of a run on a graph that is thrown away: some steps at a learning rate of 0,
 * before and after a measurement of training images. No test image is looked at. What other
 * programs take for a moment decides nothing: the fastest and slowest quarters are left out.
 */
final class SpeedProbe {
  /** Steps that TensorFlow and the caches need to get up to speed. */
  private static final int WARM_UP = 2;

  /** Steps of each half of the probe. */
  private static final int FEWEST = 2;

  private static final int MOST = 25;

  /** Images that are measured at once. */
  private static final int MEASURED = 128;

  private SpeedProbe() {}

  /**
   * Measures.
   *
   * @param data the images of the run, in the size of its model
   * @param seconds that the steps may take, about
   */
  static Speed measure(RunSpec run, Dataset data, double seconds) {
    long start = System.nanoTime();
    try (TrainingGraph graph = new TrainingGraph(run)) {
      double compile = since(start);
      Steps steps = new Steps(graph, run, data);
      steps.take(WARM_UP, WARM_UP, 0);
      List<Double> times = new ArrayList<>(steps.take(FEWEST, MOST, seconds / 2));
      double image = image(graph, data.train(), data.shape().values());
      times.addAll(steps.take(FEWEST, MOST, seconds / 2));
      return new Speed(compile, middle(times), image);
    }
  }

  /** The mean without the quarters at both ends. */
  static double middle(List<Double> times) {
    int quarter = times.size() / 4;
    return times.stream()
        .sorted()
        .skip(quarter)
        .limit(times.size() - 2L * quarter)
        .mapToDouble(Double::doubleValue)
        .average()
        .orElseThrow();
  }

  /** Steps one after the other, through the epochs. */
  private static final class Steps {
    private final TrainingGraph graph;
    private final RunSpec run;
    private final Dataset data;
    private int epoch;
    private int done;

    Steps(TrainingGraph graph, RunSpec run, Dataset data) {
      this.graph = graph;
      this.run = run;
      this.data = data;
    }

    /** The seconds of each of some steps: at least some, then until the time is over. */
    List<Double> take(int fewest, int most, double seconds) {
      long start = System.nanoTime();
      List<Double> times = new ArrayList<>();
      while (true) {
        epoch++;
        Batches batches = Batches.ofEpoch(run.training(), data.train(), data.shape(), epoch);
        try (BatchIterator iterator = batches.iterator()) {
          while (iterator.hasNext()) {
            long before = System.nanoTime();
            graph.train(TrainingGraph.Images.of(iterator.next()), done, 0, Signals.NONE);
            done++;
            times.add(since(before));
            if (times.size() >= most || (times.size() >= fewest && since(start) > seconds)) {
              return times;
            }
          }
        }
      }
    }
  }

  /** The second time: the first one includes what TensorFlow prepares. */
  private static double image(TrainingGraph graph, Split split, int bytes) {
    int images = Math.min(MEASURED, split.size());
    byte[] pixels = new byte[images * bytes];
    for (int i = 0; i < images; i++) {
      split.pixels(i, pixels, i * bytes);
    }
    int[] labels = new int[images];
    graph.evaluate(pixels, labels);
    long start = System.nanoTime();
    graph.evaluate(pixels, labels);
    return since(start) / images;
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
