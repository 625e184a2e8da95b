package dev.mlit.train;

import dev.mlit.spec.CheckpointsSpec;

/** When the next checkpoint within an epoch is due. */
final class Cadence {
  private static final double SECONDS_PER_MINUTE = 60;

  private final CheckpointsSpec spec;
  private Stopwatch sinceLast = new Stopwatch(0);

  Cadence(CheckpointsSpec spec) {
    this.spec = spec;
  }

  /**
   * Whether it is due.
   *
   * @param steps since the last checkpoint
   */
  boolean isDue(long steps) {
    Integer most = spec.everySteps();
    return (most != null && steps >= most)
        || (spec.everyMinutes() > 0
            && sinceLast.seconds() >= spec.everyMinutes() * SECONDS_PER_MINUTE);
  }

  /** A checkpoint was written. */
  void restart() {
    sinceLast = new Stopwatch(0);
  }
}
