package dev.mlit.train.step;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Classifies features by their nearest neighbours among others: those k with the largest cosine
 * similarity have a vote each, and the class with the most votes wins; of several, the first. It is
 * scikit-learn's {@code KNeighborsClassifier(k, metric="cosine")}.
 *
 * @since 0.1.0
 */
public final class NearestNeighbours {
  /** Images whose similarities are computed at once: their features stay in the core's cache. */
  private static final int BLOCK = 512;

  private final int width;
  private final int classes;
  private final int k;
  private final int[] labels;

  /** Block by block [width, images of the block], every image of length 1. */
  private final float[] bank;

  /**
   * The vote of an image's neighbours.
   *
   * @param predicted the class
   * @param votes of every class
   */
  record Vote(int predicted, int[] votes) {}

  /**
   * Neighbours to ask.
   *
   * @param bank their features, of at least one image
   * @param k how many of them vote, at least 1; all where there are fewer
   */
  public NearestNeighbours(Features bank, int classes, int k) {
    this.width = bank.width();
    this.classes = classes;
    this.k = Math.min(k, bank.size());
    this.labels = bank.labels().clone();
    this.bank = new float[bank.values().length];
    float[] row = new float[width];
    for (int image = 0; image < labels.length; image++) {
      normalised(bank.values(), image, row);
      int first = image / BLOCK * BLOCK;
      int images = Math.min(BLOCK, labels.length - first);
      for (int j = 0; j < width; j++) {
        this.bank[first * width + j * images + image - first] = row[j];
      }
    }
  }

  /** A row made of length 1; what has no length stays as it is, and is similar to nothing. */
  private void normalised(float[] values, int image, float[] row) {
    double squares = 0;
    for (int j = 0; j < width; j++) {
      double value = values[image * width + j];
      squares += value * value;
    }
    double length = squares == 0 ? 1 : Math.sqrt(squares);
    for (int j = 0; j < width; j++) {
      row[j] = (float) (values[image * width + j] / length);
    }
  }

  /**
   * Has the neighbours vote.
   *
   * @param features [images, width]
   * @param image which of them
   */
  Vote of(float[] features, int image) {
    float[] row = new float[width];
    normalised(features, image, row);
    int[] nearest = new int[k];
    float[] similarities = new float[k];
    int found = 0;
    float[] block = new float[BLOCK];
    for (int first = 0; first < labels.length; first += BLOCK) {
      int images = Math.min(BLOCK, labels.length - first);
      similarities(row, first, images, block);
      for (int i = 0; i < images; i++) {
        if (found < k || block[i] > similarities[k - 1]) {
          found = insert(nearest, similarities, found, first + i, block[i]);
        }
      }
    }
    return vote(nearest);
  }

  private void similarities(float[] row, int first, int images, float[] into) {
    Arrays.fill(into, 0, images, 0);
    for (int j = 0; j < width; j++) {
      float value = row[j];
      int at = first * width + j * images;
      for (int i = 0; i < images; i++) {
        into[i] += value * bank[at + i];
      }
    }
  }

  /** Keeps the lists in order, the most similar first; of equal ones, the first stays first. */
  private int insert(int[] nearest, float[] similarities, int found, int image, float similarity) {
    int count = Math.min(found + 1, k);
    int at = count - 1;
    while (at > 0 && similarities[at - 1] < similarity) {
      similarities[at] = similarities[at - 1];
      nearest[at] = nearest[at - 1];
      at--;
    }
    similarities[at] = similarity;
    nearest[at] = image;
    return count;
  }

  private Vote vote(int[] nearest) {
    int[] votes = new int[classes];
    for (int image : nearest) {
      votes[labels[image]]++;
    }
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (votes[c] > votes[best]) {
        best = c;
      }
    }
    return new Vote(best, votes);
  }

  /**
   * What {@link TrainingGraph#classifyBy} makes of evaluated images.
   *
   * @param features [images, embedding]
   * @param labels of the images
   */
  TrainingGraph.Evaluated evaluated(
      TrainingGraph.Evaluated byHead, float[] features, int[] labels) {
    int[] predicted = new int[labels.length];
    float[] confidence = new float[labels.length];
    float[] losses = new float[labels.length];
    float sum = 0;
    for (int i = 0; i < labels.length; i++) {
      Vote vote = of(features, i);
      predicted[i] = vote.predicted();
      confidence[i] = (float) probability(vote, vote.predicted());
      losses[i] = (float) -Math.log(probability(vote, labels[i]));
      sum += losses[i];
    }
    return new TrainingGraph.Evaluated(
        labels.length, sum, byHead.routing(), predicted, confidence, losses);
  }

  private double probability(Vote vote, int label) {
    return (vote.votes()[label] + 1.0 / classes) / (k + 1);
  }

  /** The share of images that are classified rightly. */
  public double accuracy(Features images) {
    long hits =
        IntStream.range(0, images.size())
            .filter(i -> of(images.values(), i).predicted() == images.labels()[i])
            .count();
    return hits / (double) images.size();
  }
}
