package dev.mlit.data;

import dev.mlit.spec.text.NumberRule;

/**
 * How a dataset is read.
 *
 * <pre>{@code
 * Datasets.open("image-folder", Path.of("birds"), ReadOptions.DEFAULT.testFraction(0.1));
 * }</pre>
 *
 * @param testFraction the share of the images of every class that is kept for the test, between 0
 *     and 1, where a dataset has no test part of its own
 * @param memory bytes of decoded images that are kept in memory; a dataset of image files that
 *     takes more is decoded again in every epoch. 0 or above
 * @since 0.1.0
 */
public record ReadOptions(double testFraction, long memory) {
  /** A test fraction of 0.2; half of the memory that Java may take ({@code -Xmx}), 2 GB at most. */
  public static final ReadOptions DEFAULT =
      new ReadOptions(0.2, Math.min(Runtime.getRuntime().maxMemory() / 2, 2L << 30));

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public ReadOptions {
    NumberRule.PART.require("testFraction", testFraction);
    NumberRule.atLeast(0).require("memory", memory);
  }

  /** With another share of the images kept for the test. */
  public ReadOptions testFraction(double fraction) {
    return new ReadOptions(fraction, memory);
  }

  /** With another limit for the images that are kept in memory. */
  public ReadOptions memory(long bytes) {
    return new ReadOptions(testFraction, bytes);
  }
}
