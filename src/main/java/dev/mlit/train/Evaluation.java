package dev.mlit.train;

import dev.mlit.cluster.Workers;
import dev.mlit.data.Batch;
import dev.mlit.data.BatchIterator;
import dev.mlit.data.Batches;
import dev.mlit.data.Dataset;
import dev.mlit.data.Split;
import dev.mlit.model.RouterLoad;
import dev.mlit.train.step.DivergedException;
import dev.mlit.train.step.NonFinite;
import dev.mlit.train.step.TrainingGraph;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A model measured on the validation or the test images.
 *
 * @param accuracy share of them that are classified correctly; NaN without classes
 * @param loss mean cross-entropy, or of an autoencoder the mean squared error of hidden patches
 * @param routing what the gates did, block by block
 * @param predictions image by image
 */
record Evaluation(double accuracy, double loss, List<RouterLoad> routing, Predictions predictions) {
  private static final int BATCH = 250;

  /**
   * Evaluates the model that the graph's variables are now. Several workers share the batches, and
   * all of them get what one alone would get.
   *
   * @param part of the images
   * @param step steps so far
   * @param rate the learning rate of the last step
   * @param betweenBatches is called before each batch and may throw
   * @throws DivergedException if the loss is not finite
   */
  static Evaluation of(
      TrainingGraph graph,
      Workers workers,
      Dataset data,
      Predictions.Part part,
      int epoch,
      long step,
      double rate,
      Runnable betweenBatches) {
    Shared shared = new Shared(graph, workers, data, part);
    shared.test(betweenBatches);
    shared.exchange();
    shared.requireFinite(step, rate);
    Predictions predictions =
        new Predictions(
            data, part, epoch, step, shared.predicted, shared.confidence(), shared.losses());
    return new Evaluation(
        graph.classifies() ? predictions.accuracy() : Double.NaN,
        shared.loss(),
        RouterLoad.Mean.restored(shared.routing).mean(),
        predictions);
  }

  /** What the test finds, image by image: of a worker's share at first, then of all. */
  private static final class Shared {
    private final TrainingGraph graph;
    private final Workers workers;
    private final Predictions.Part part;
    private final Batches batches;
    private final int[] predicted;

    // Bits of floats, which are summed as whole numbers: what is not this worker's is 0.
    private final int[] confidence;
    private final int[] losses;
    private List<double[]> routing = List.of();

    Shared(TrainingGraph graph, Workers workers, Dataset data, Predictions.Part part) {
      this.graph = graph;
      this.workers = workers;
      this.part = part;
      Split split = part.of(data);
      this.batches = Batches.inOrder(split, data.shape(), BATCH);
      int images = split.size();
      this.predicted = new int[images];
      this.confidence = new int[images];
      this.losses = new int[images];
    }

    /** Tests every n-th batch, for n workers. */
    void test(Runnable betweenBatches) {
      RouterLoad.Mean mean = new RouterLoad.Mean(graph.model());
      int number = workers.index();
      for (Batch batch : batches.every(workers.index(), workers.count())) {
        betweenBatches.run();
        int done = number * BATCH;
        for (TrainingGraph.Evaluated part : graph.evaluate(batch.pixels(), labels(batch, done))) {
          mean.add(part.routing(), part.images());
          for (int i = 0; i < part.images(); i++) {
            predicted[done] = part.predicted()[i];
            confidence[done] = Float.floatToRawIntBits(part.confidence()[i]);
            losses[done] = Float.floatToRawIntBits(part.losses()[i]);
            done++;
          }
        }
        number += workers.count();
      }
      routing = mean.sums();
    }

    private int[] labels(Batch batch, int first) {
      return graph.classifies()
          ? batch.labels()
          : IntStream.range(first, first + batch.size()).toArray();
    }

    void exchange() {
      if (!workers.areSeveral()) {
        return;
      }
      System.arraycopy(workers.sum(predicted), 0, predicted, 0, predicted.length);
      System.arraycopy(workers.sum(confidence), 0, confidence, 0, confidence.length);
      System.arraycopy(workers.sum(losses), 0, losses, 0, losses.length);
      routing = routing.stream().map(workers::sum).toList();
    }

    /** The same on all workers, so that none of them goes on alone. */
    void requireFinite(long step, double rate) {
      for (int i = 0; i < losses.length; i++) {
        float loss = Float.intBitsToFloat(losses[i]);
        if (!Float.isFinite(loss)) {
          int number = i / BATCH;
          try (BatchIterator rest = batches.startingAt(number).iterator()) {
            Batch batch = rest.next();
            NonFinite cause = graph.nonFinite(batch.pixels(), labels(batch, number * BATCH));
            throw DivergedException.inEvaluation(part.text(), step, rate, loss, cause);
          }
        }
      }
    }

    double loss() {
      double sum = 0;
      for (float loss : losses()) {
        sum += loss;
      }
      return sum / losses.length;
    }

    float[] confidence() {
      return Workers.floats(confidence);
    }

    float[] losses() {
      return Workers.floats(losses);
    }
  }
}
