package dev.mlit.photos;

import dev.mlit.train.TrainingListener;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Ends a run that would last much longer than it may, as its machine has got much slower than it
 * was when the run was planned: with all of its steps it would still be trained when its model is
 * wanted.
 */
final class Deadline implements TrainingListener {
  private final double minutes;
  private final long last;
  private final LongSupplier clock;

  /**
   * A deadline.
   *
   * @param minutes that the run may take
   * @param last the latest end of the last step, in nanoseconds of the clock
   */
  Deadline(double minutes, long last, LongSupplier clock) {
    this.minutes = minutes;
    this.last = last;
    this.clock = clock;
  }

  @Override
  public Optional<String> reasonToEnd() {
    return clock.getAsLong() - last < 0
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "the %s minutes are over, as steps have become much slower than they were when they"
                    + " were planned",
                minutes));
  }
}
