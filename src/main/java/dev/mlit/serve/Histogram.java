package dev.mlit.serve;

import java.util.List;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** Counts values by size, as Prometheus wants them. Safe for use by many threads. */
final class Histogram {
  private final double[] bounds;
  private final List<LongAdder> counts;
  private final DoubleAdder sum = new DoubleAdder();

  /**
   * Counts values up to some bounds.
   *
   * @param bounds ascending; larger values are counted, too
   */
  Histogram(double... bounds) {
    this.bounds = bounds.clone();
    this.counts = Stream.generate(LongAdder::new).limit(bounds.length + 1L).toList();
  }

  void add(double value) {
    int bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) {
      bucket++;
    }
    counts.get(bucket).increment();
    sum.add(value);
  }

  /**
   * Appends the lines of this histogram.
   *
   * @param labels such as {@code endpoint="infer"}; may be empty
   */
  void append(StringBuilder text, String name, String labels) {
    long below = 0;
    String comma = labels.isEmpty() ? "" : ",";
    for (int i = 0; i <= bounds.length; i++) {
      below += counts.get(i).sum();
      String bound = i == bounds.length ? "+Inf" : Metrics.number(bounds[i]);
      text.append(name).append("_bucket{").append(labels).append(comma);
      text.append("le=\"").append(bound).append("\"} ").append(below).append('\n');
    }
    String braces = labels.isEmpty() ? "" : "{" + labels + "}";
    text.append(name).append("_sum").append(braces).append(' ').append(sum.sum()).append('\n');
    text.append(name).append("_count").append(braces).append(' ').append(below).append('\n');
  }
}
