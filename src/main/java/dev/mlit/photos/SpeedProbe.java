package dev.mlit.photos;

import dev.mlit.cluster.Signals;
import dev.mlit.data.Batch;
import dev.mlit.data.BatchIterator;
import dev.mlit.data.Batches;
import dev.mlit.data.Dataset;
import dev.mlit.data.Split;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.step.TrainingGraph;

/**
 * Measures the speed of a run on a graph that is thrown away: some steps at a learning rate of 0,
 * and one measurement of training images. No test image is looked at.
 */
final class SpeedProbe {
  /** Steps that TensorFlow and the caches need to get up to speed. */
  private static final int WARM_UP = 2;

  private static final int FEWEST = 3;
  private static final int MOST = 50;

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
      double step = steps(graph, run, data, seconds);
      return new Speed(compile, step, image(graph, data.train(), data.shape().values()));
    }
  }

  private static double steps(TrainingGraph graph, RunSpec run, Dataset data, double seconds) {
    long start = System.nanoTime();
    long warm = start;
    int done = 0;
    for (int epoch = 1; ; epoch++) {
      Batches batches = Batches.ofEpoch(run.training(), data.train(), data.shape(), epoch);
      try (BatchIterator iterator = batches.iterator()) {
        while (iterator.hasNext()) {
          Batch batch = iterator.next();
          graph.train(TrainingGraph.Images.of(batch), done, 0, Signals.NONE);
          done++;
          if (done == WARM_UP) {
            warm = System.nanoTime();
          }
          int measured = done - WARM_UP;
          if (measured >= MOST || (measured >= FEWEST && since(start) > seconds)) {
            return since(warm) / measured;
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
