package dev.mlit.study;

import java.util.List;
import org.apache.commons.statistics.distribution.TDistribution;
import org.jspecify.annotations.Nullable;

/**
 * The mean of differences between pairs, and how well it is known: Student's 95 % confidence
 * interval of a paired comparison, mean ± t(0.975, n - 1) s / sqrt(n), where s is the standard
 * deviation of the differences, with n - 1.
 *
 * @param mean of the differences
 * @param margin half the width of the interval; null of a single pair, which says nothing of it
 */
record PairedDifference(double mean, @Nullable Double margin) {
  private static final double UPPER_TAIL = 0.025;

  /**
   * Compares pairs.
   *
   * @param differences one or more
   */
  static PairedDifference of(List<Double> differences) {
    int count = differences.size();
    double mean = differences.stream().mapToDouble(d -> d).average().orElseThrow();
    if (count == 1) {
      return new PairedDifference(mean, null);
    }
    double squares = differences.stream().mapToDouble(d -> (d - mean) * (d - mean)).sum();
    double error = Math.sqrt(squares / (count - 1) / count);
    double t = TDistribution.of(count - 1).inverseSurvivalProbability(UPPER_TAIL);
    return new PairedDifference(mean, t * error);
  }
}
