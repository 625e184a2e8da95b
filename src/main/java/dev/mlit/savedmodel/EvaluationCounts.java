package dev.mlit.savedmodel;

import dev.mlit.savedmodel.Evaluation.Bin;
import dev.mlit.savedmodel.Evaluation.Calibration;
import dev.mlit.savedmodel.Evaluation.Mistake;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.IntFunction;

/**
 * Counts image by image what an {@link Evaluation} says. What it takes in memory does not grow with
 * the number of images.
 */
final class EvaluationCounts {
  static final int MISTAKES = 100;

  /** As in the experiments of Guo et al. (2017). */
  static final int BINS = 15;

  private static final int TOP = 5;

  /** With so many classes or fewer, the top five say little. */
  private static final int FEW_CLASSES = 10;

  /** The surest first; of equally sure ones, the first image. */
  private static final Comparator<Wrong> WORST_FIRST =
      Comparator.comparingDouble((Wrong wrong) -> -wrong.probability)
          .thenComparingInt(wrong -> wrong.index);

  private final List<String> labels;
  private final int[][] confusion;
  private final int[] binImages = new int[BINS];
  private final int[] binHits = new int[BINS];
  private final double[] binConfidence = new double[BINS];

  /** The least of the worst is at the head, to make room. */
  private final PriorityQueue<Wrong> worst = new PriorityQueue<>(WORST_FIRST.reversed());

  private double loss;
  private long topFive;
  private int images;

  /** What is kept of a mistake. */
  private record Wrong(int index, int label, int predicted, double probability) {}

  /**
   * Nothing is counted yet.
   *
   * @param labels the names of the model's classes
   */
  EvaluationCounts(List<String> labels) {
    this.labels = labels;
    this.confusion = new int[labels.size()][labels.size()];
  }

  /**
   * Counts the next image. Probabilities are computed from the logits in float64: a float32 would
   * be 0 where the model is very wrong, and the loss infinite.
   *
   * @param logits of many images; finite
   * @param first where those of this one begin
   * @param label its class
   */
  void add(float[] logits, int first, int label) {
    int classes = labels.size();
    int predicted = 0;
    for (int c = 1; c < classes; c++) {
      predicted = logits[first + c] > logits[first + predicted] ? c : predicted;
    }
    double highest = logits[first + predicted];
    double sum = 0;
    int before = 0;
    for (int c = 0; c < classes; c++) {
      sum += Math.exp(logits[first + c] - highest);
      boolean higher = logits[first + c] > logits[first + label];
      before += higher || (c < label && logits[first + c] == logits[first + label]) ? 1 : 0;
    }
    double confidence = 1 / sum;
    confusion[label][predicted]++;
    loss += Math.log(sum) + highest - logits[first + label];
    topFive += before < TOP ? 1 : 0;
    int bin = Math.max(0, (int) Math.ceil(confidence * BINS) - 1);
    binImages[bin]++;
    binHits[bin] += predicted == label ? 1 : 0;
    binConfidence[bin] += confidence;
    if (predicted != label) {
      worst.add(new Wrong(images, label, predicted, confidence));
      if (worst.size() > MISTAKES) {
        worst.remove();
      }
    }
    images++;
  }

  /**
   * What is known after all images, at least one.
   *
   * @param file gives the file of an image, where it has one
   */
  Evaluation evaluation(IntFunction<Optional<String>> file) {
    return new Evaluation(
        loss / images,
        labels.size() > FEW_CLASSES ? topFive / (double) images : Double.NaN,
        labels,
        confusion,
        calibration(),
        worst.stream()
            .sorted(WORST_FIRST)
            .map(
                wrong ->
                    new Mistake(
                        wrong.index,
                        file.apply(wrong.index),
                        labels.get(wrong.label),
                        labels.get(wrong.predicted),
                        wrong.probability))
            .toList());
  }

  private Calibration calibration() {
    List<Bin> bins = new ArrayList<>();
    double error = 0;
    double confidence = 0;
    for (int i = 0; i < BINS; i++) {
      int count = Math.max(1, binImages[i]);
      bins.add(
          new Bin(
              i / (double) BINS,
              (i + 1) / (double) BINS,
              binImages[i],
              binHits[i] / (double) count,
              binConfidence[i] / count));
      error += Math.abs(binHits[i] - binConfidence[i]) / images;
      confidence += binConfidence[i] / images;
    }
    return new Calibration(error, confidence, bins);
  }
}
