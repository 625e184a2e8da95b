package dev.mlit.savedmodel;

import dev.mlit.data.Confusion;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a classifier is worth on the test split of a dataset; see {@link Classifier#evaluate}. All
 * numbers are of the model's classes: a dataset may lack some of them, and the model may take an
 * image for one that is lacking, which is a mistake like any other.
 *
 * <p>A quotient of 0 by 0 is 0 here, as in scikit-learn with {@code zero_division=0}, and a class
 * without images takes no part in an average.
 *
 * @since 0.1.0
 */
public final class Evaluation {
  private final double loss;
  private final double topFiveAccuracy;
  private final List<String> labels;
  private final int[][] counts;
  private final Confusion confusion;
  private final Calibration calibration;
  private final List<Mistake> worstMistakes;

  Evaluation(
      double loss,
      double topFiveAccuracy,
      List<String> labels,
      int[][] counts,
      Calibration calibration,
      List<Mistake> worstMistakes) {
    this.loss = loss;
    this.topFiveAccuracy = topFiveAccuracy;
    this.labels = List.copyOf(labels);
    this.counts = counts;
    this.confusion = new Confusion(counts);
    this.calibration = calibration;
    this.worstMistakes = List.copyOf(worstMistakes);
  }

  /**
   * How well one class is told from the others.
   *
   * @param index the class, counted from 0
   * @param label its name
   * @param examples its images
   * @param predicted the images that were taken for it, rightly or not
   * @param precision the share of {@code predicted} that is of the class, in [0, 1]
   * @param recall the share of {@code examples} that was taken for the class, in [0, 1]
   * @param f1 the harmonic mean of precision and recall, in [0, 1]
   */
  public record ClassScores(
      int index,
      String label,
      int examples,
      int predicted,
      double precision,
      double recall,
      double f1) {}

  /**
   * Means over the classes that have images, each with the same weight.
   *
   * @param precision in [0, 1]
   * @param recall in [0, 1]; also called balanced accuracy
   * @param f1 the mean of the classes' F1, in [0, 1]
   */
  public record MacroAverages(double precision, double recall, double f1) {}

  /**
   * Whether the model is as sure as it is right: of the images that it gives a probability of 0.8,
   * 80 % should be classified correctly.
   *
   * @param error the expected calibration error of Guo et al., "On Calibration of Modern Neural
   *     Networks" (2017): the mean over all images of the difference between accuracy and
   *     confidence of their bin, in [0, 1]
   * @param confidence the mean over all images of the probability of the predicted class, in [0,
   *     1]; above the accuracy where the model is too sure of itself
   * @param bins 15 of equal width, the lowest first
   */
  public record Calibration(double error, double confidence, List<Bin> bins) {
    /** Copies the list. */
    public Calibration {
      bins = List.copyOf(bins);
    }
  }

  /**
   * The images that the model is similarly sure of.
   *
   * @param lower the probability of the predicted class is above this
   * @param upper and at most this
   * @param examples how many there are
   * @param accuracy the share of them that is classified correctly, in [0, 1]
   * @param confidence the mean probability of the predicted class, in [0, 1]
   */
  public record Bin(double lower, double upper, int examples, double accuracy, double confidence) {}

  /**
   * An image that is classified wrongly.
   *
   * @param index of the image in the test split, counted from 0
   * @param file its path in the folder or archive, where it has one: see {@link
   *     dev.mlit.data.Split#file}
   * @param label the name of its class
   * @param predicted the name of the class that it was taken for
   * @param probability that the model gives the predicted class, in [0, 1]
   */
  public record Mistake(
      int index, Optional<String> file, String label, String predicted, double probability) {}

  /** The number of images, at least 1. */
  public int examples() {
    return confusion.images();
  }

  /** The share of the images that is classified correctly, in [0, 1]. */
  public double accuracy() {
    return confusion.hits() / (double) examples();
  }

  /**
   * The share of the images whose class is among the five most probable ones, in [0, 1]; NaN if the
   * model has ten classes or fewer, of which five are half. Of equally probable classes the first
   * ones count.
   */
  public double topFiveAccuracy() {
    return topFiveAccuracy;
  }

  /**
   * The cross-entropy: the mean over all images of minus the natural logarithm of the probability
   * of their class, 0 or above.
   */
  public double loss() {
    return loss;
  }

  /** The scores of every class of the model, class 0 first. */
  public List<ClassScores> classes() {
    return IntStream.range(0, labels.size())
        .mapToObj(
            i ->
                new ClassScores(
                    i,
                    labels.get(i),
                    confusion.images(i),
                    confusion.predicted(i),
                    confusion.precision(i),
                    confusion.recall(i),
                    confusion.f1(i)))
        .toList();
  }

  /** The averages of the classes that have images. */
  public MacroAverages macro() {
    List<ClassScores> measured = classes().stream().filter(scores -> scores.examples > 0).toList();
    double count = measured.size();
    return new MacroAverages(
        measured.stream().mapToDouble(ClassScores::precision).sum() / count,
        measured.stream().mapToDouble(ClassScores::recall).sum() / count,
        measured.stream().mapToDouble(ClassScores::f1).sum() / count);
  }

  /**
   * The number of images by their class, the row, and the class that they were taken for, both by
   * the model's order; the array is the caller's own.
   */
  public int[][] confusion() {
    return Arrays.stream(counts).map(int[]::clone).toArray(int[][]::new);
  }

  /** How far the model's probabilities can be believed. */
  public Calibration calibration() {
    return calibration;
  }

  /**
   * The images that are classified wrongly with the highest probability, at most 100, the highest
   * first: where the model is sure and wrong, it is often the label that is wrong.
   */
  public List<Mistake> worstMistakes() {
    return worstMistakes;
  }

  /** The two numbers that are asked for first. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "accuracy %.4f on %d images", accuracy(), examples());
  }
}
