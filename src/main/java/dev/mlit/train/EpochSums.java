package dev.mlit.train;

import dev.mlit.model.RouterLoad;
import dev.mlit.train.step.TrainingGraph;
import java.util.List;

/** What the steps of an epoch have added up, weighted by images. */
final class EpochSums {
  private double loss;
  private long hits;
  private long images;
  private final RouterLoad.Mean routing;
  private final Stopwatch time;

  /**
   * The sums, for a checkpoint; the numbers of JSON keep every bit of them.
   *
   * @param loss of the images
   * @param hits images that were classified correctly
   * @param images so far
   * @param seconds of training
   * @param routing see {@link RouterLoad.Mean#sums}
   */
  record State(double loss, long hits, long images, double seconds, List<double[]> routing) {}

  /** The sums of an epoch that begins. */
  EpochSums() {
    this.routing = new RouterLoad.Mean();
    this.time = new Stopwatch(0);
  }

  /** The sums of an epoch that goes on. */
  EpochSums(State state) {
    this.loss = state.loss();
    this.hits = state.hits();
    this.images = state.images();
    this.routing = RouterLoad.Mean.restored(state.routing());
    this.time = new Stopwatch(state.seconds());
  }

  State state() {
    return new State(loss, hits, images, seconds(), routing.sums());
  }

  void add(TrainingGraph.Step step, int count) {
    loss += (double) step.loss() * count;
    hits += step.hits();
    images += count;
    routing.add(step.routing(), count);
  }

  double meanLoss() {
    return loss / images;
  }

  double accuracy() {
    return hits / (double) images;
  }

  long images() {
    return images;
  }

  double seconds() {
    return time.seconds();
  }

  List<RouterLoad> meanRouting() {
    return routing.mean();
  }
}
