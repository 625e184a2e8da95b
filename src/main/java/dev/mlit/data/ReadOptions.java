package dev.mlit.data;

import dev.mlit.spec.text.NumberRule;
import java.util.Collection;
import java.util.Set;

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
 * @param exclude image files that are left out, such as damaged ones: their paths in the folder or
 *     archive
 * @since 0.1.0
 */
public record ReadOptions(double testFraction, long memory, Set<String> exclude) {
  /** A test fraction of 0.2; half of the memory that Java may take ({@code -Xmx}), 2 GB at most. */
  public static final ReadOptions DEFAULT =
      new ReadOptions(0.2, Math.min(Runtime.getRuntime().maxMemory() / 2, 2L << 30), Set.of());

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public ReadOptions {
    NumberRule.PART.require("testFraction", testFraction);
    NumberRule.atLeast(0).require("memory", memory);
    exclude = Set.copyOf(exclude);
  }

  /** With another share of the images kept for the test. */
  public ReadOptions testFraction(double fraction) {
    return new ReadOptions(fraction, memory, exclude);
  }

  /** With another limit for the images that are kept in memory. */
  public ReadOptions memory(long bytes) {
    return new ReadOptions(testFraction, bytes, exclude);
  }

  /** With these image files left out. */
  public ReadOptions exclude(Collection<String> files) {
    return new ReadOptions(testFraction, memory, Set.copyOf(files));
  }
}
