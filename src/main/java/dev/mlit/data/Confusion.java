package dev.mlit.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * How many images of every class were taken for every class, and what follows from it. As
 * scikit-learn's {@code classification_report} with {@code zero_division=0}, a quotient of 0 by 0
 * is 0.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class Confusion {
  private final int[][] counts;
  private final int[] images;
  private final int[] predicted;

  /**
   * What these numbers say.
   *
   * @param counts by the true class, the row, and the predicted one; not copied
   */
  public Confusion(int[][] counts) {
    this.counts = counts;
    this.images = new int[counts.length];
    this.predicted = new int[counts.length];
    for (int i = 0; i < counts.length; i++) {
      for (int j = 0; j < counts.length; j++) {
        images[i] += counts[i][j];
        predicted[j] += counts[i][j];
      }
    }
  }

  /**
   * Two classes that were confused.
   *
   * @param label the true class
   * @param predicted what its images were taken for
   * @param images how many of them were
   */
  public record Pair(int label, int predicted, int images) {}

  /** The number of classes. */
  public int classes() {
    return counts.length;
  }

  /** The images of a class that were taken for another, or for itself. */
  public int count(int label, int taken) {
    return counts[label][taken];
  }

  /** The images of a class. */
  public int images(int label) {
    return images[label];
  }

  /** All images. */
  public int images() {
    return IntStream.of(images).sum();
  }

  /** The images that were taken for a class, rightly or not. */
  public int predicted(int label) {
    return predicted[label];
  }

  /** The images that were taken for what they are. */
  public int hits() {
    return IntStream.range(0, counts.length).map(i -> counts[i][i]).sum();
  }

  /** The images that were taken for one of the classes without images. */
  public int strays() {
    return IntStream.range(0, counts.length).filter(i -> images[i] == 0).map(this::predicted).sum();
  }

  /** Of the images that were taken for a class, the share that is of it. */
  public double precision(int label) {
    return quotient(counts[label][label], predicted[label]);
  }

  /** Of the images of a class, the share that was taken for it. */
  public double recall(int label) {
    return quotient(counts[label][label], images[label]);
  }

  /** The harmonic mean of precision and recall. */
  public double f1(int label) {
    return quotient(2L * counts[label][label], (long) images[label] + predicted[label]);
  }

  private static double quotient(long part, long whole) {
    return whole == 0 ? 0 : part / (double) whole;
  }

  /** The classes that have images, in their order. */
  public List<Integer> measured() {
    return IntStream.range(0, counts.length).filter(i -> images[i] > 0).boxed().toList();
  }

  /** The classes that have images, the one with the lowest F1 first. */
  public List<Integer> worstFirst() {
    return measured().stream().sorted(Comparator.comparingDouble(this::f1)).toList();
  }

  /** The classes that have images or were predicted, in their order. */
  public List<Integer> seen() {
    return IntStream.range(0, counts.length)
        .filter(i -> images[i] > 0 || predicted[i] > 0)
        .boxed()
        .toList();
  }

  /** The numbers of some classes only, by the true class and the predicted one. */
  public int[][] of(List<Integer> some) {
    int[][] chosen = new int[some.size()][some.size()];
    for (int i = 0; i < chosen.length; i++) {
      for (int j = 0; j < chosen.length; j++) {
        chosen[i][j] = counts[some.get(i)][some.get(j)];
      }
    }
    return chosen;
  }

  /**
   * The classes that were confused most often.
   *
   * @param most pairs
   */
  public List<Pair> pairs(int most) {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      for (int j = 0; j < counts.length; j++) {
        if (i != j && counts[i][j] > 0) {
          pairs.add(new Pair(i, j, counts[i][j]));
        }
      }
    }
    pairs.sort(Comparator.comparingInt((Pair pair) -> -pair.images));
    return pairs.subList(0, Math.min(most, pairs.size()));
  }
}
