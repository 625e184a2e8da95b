package dev.mlit.train;

import dev.mlit.data.Batch;
import dev.mlit.data.Batches;
import dev.mlit.data.Dataset;
import dev.mlit.graph.RouterLoad;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A model measured on the test images.
 *
 * @param accuracy share of them that are classified rightly; NaN without classes
 * @param loss mean cross-entropy, or of an autoencoder the mean squared error of hidden patches
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
    boolean classifies = graph.classifies();
    int images = data.test().size();
    int[] predicted = new int[images];
    float[] confidence = new float[images];
    float[] losses = new float[images];
    int[] numbers = IntStream.range(0, images).toArray();
    double loss = 0;
    RouterLoad.Mean routing = new RouterLoad.Mean();
    int done = 0;
    for (Batch batch : Batches.inOrder(data.test(), data.shape(), BATCH)) {
      betweenBatches.run();
      int[] labels =
          classifies ? batch.labels() : Arrays.copyOfRange(numbers, done, done + batch.size());
      for (TrainingGraph.Evaluated part : graph.evaluate(batch.pixels(), labels)) {
        if (!Float.isFinite(part.loss())) {
          NonFinite cause = graph.nonFinite(batch.pixels(), labels);
          throw DivergedException.inTest(step, rate, part.loss(), cause);
        }
        loss += part.loss();
        routing.add(part.routing(), part.images());
        System.arraycopy(part.predicted(), 0, predicted, done, part.images());
        System.arraycopy(part.confidence(), 0, confidence, done, part.images());
        System.arraycopy(part.losses(), 0, losses, done, part.images());
        done += part.images();
      }
    }
    Predictions predictions = new Predictions(data, epoch, step, predicted, confidence, losses);
    return new Evaluation(
        classifies ? predictions.accuracy() : Double.NaN,
        loss / images,
        routing.mean(),
        predictions);
  }
}
