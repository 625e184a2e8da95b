package dev.mlit.train;

import dev.mlit.data.Batch;
import dev.mlit.data.Batches;
import dev.mlit.data.Dataset;
import dev.mlit.graph.RouterLoad;
import java.util.List;

/**
 * A model measured on the test images.
 *
 * @param accuracy share of them that are classified rightly
 * @param loss mean cross-entropy
 * @param routing what the gates did, block by block
 * @param predictions image by image
 */
record Evaluation(double accuracy, double loss, List<RouterLoad> routing, Predictions predictions) {
  private static final int BATCH = 250;

  /**
   * Evaluates the model that the graph's variables are now.
   *
   * @param step steps so far
   * @param rate the learning rate of the last step
   * @param betweenBatches is called before each batch and may throw
   * @throws DivergedException if the loss is not finite
   */
  static Evaluation of(
      TrainingGraph graph,
      Dataset data,
      int epoch,
      long step,
      double rate,
      Runnable betweenBatches) {
    int images = data.test().size();
    int[] predicted = new int[images];
    float[] confidence = new float[images];
    float[] losses = new float[images];
    long hits = 0;
    double entropy = 0;
    RouterLoad.Mean routing = new RouterLoad.Mean();
    int done = 0;
    for (Batch batch : Batches.inOrder(data.test(), data.shape(), BATCH)) {
      betweenBatches.run();
      for (TrainingGraph.Evaluated part : graph.evaluate(batch.pixels(), batch.labels())) {
        if (!Float.isFinite(part.entropy())) {
          NonFinite cause = graph.nonFinite(batch.pixels(), batch.labels());
          throw DivergedException.inTest(step, rate, part.entropy(), cause);
        }
        hits += part.hits();
        entropy += part.entropy();
        routing.add(part.routing(), part.images());
        System.arraycopy(part.predicted(), 0, predicted, done, part.images());
        System.arraycopy(part.confidence(), 0, confidence, done, part.images());
        System.arraycopy(part.losses(), 0, losses, done, part.images());
        done += part.images();
      }
    }
    return new Evaluation(
        hits / (double) images,
        entropy / images,
        routing.mean(),
        new Predictions(data, epoch, step, predicted, confidence, losses));
  }
}
