package dev.mlit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Says by how much two ways to compute the same numbers differ, and fails if that is too much. */
public final class Closeness {
  private Closeness() {}

  /**
   * Every number within {@code tolerance} times the largest one, or times 1 if all are smaller.
   *
   * @param name says in messages what was computed
   */
  static void assertAgree(String name, float[] computed, double[] expected, double tolerance) {
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    assertWithin(name, computed, expected, tolerance * Math.max(1, largest));
  }

  /** As {@link #assertAgree(String, float[], double[], double)}, for rows. */
  static void assertAgree(String name, float[] computed, double[][] expected, double tolerance) {
    double[] values = Arrays.stream(expected).flatMapToDouble(Arrays::stream).toArray();
    assertAgree(name, computed, values, tolerance);
  }

  /** Every number within {@code tolerance}. */
  static void assertWithin(String name, float[] computed, double[] expected, double tolerance) {
    assertThat(computed.length).as("number of values of %s", name).isEqualTo(expected.length);
    // Not only the largest difference: NaN is no agreement either.
    int worst =
        IntStream.range(0, expected.length)
            .boxed()
            .max(
                (a, b) ->
                    Double.compare(
                        difference(computed, expected, a), difference(computed, expected, b)))
            .orElseThrow();
    assertThat((double) computed[worst])
        .as("%s, value %d, the farthest off", name, worst)
        .isCloseTo(expected[worst], within(tolerance));
  }

  private static double difference(float[] computed, double[] expected, int i) {
    return Math.abs(computed[i] - expected[i]);
  }

  public static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }
}
