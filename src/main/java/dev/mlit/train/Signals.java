package dev.mlit.train;

/**
 * What a worker wants of all of them. What one alone did, the others would wait for.
 *
 * @param stop the run is to be saved and stopped
 * @param end the run is to end, as if it were done
 */
record Signals(boolean stop, boolean end) {
  static final Signals NONE = new Signals(false, false);

  /** The number of signals. */
  static final int COUNT = 2;

  /** 1 for every signal that is raised, 0 for the others. */
  float[] numbers() {
    return new float[] {stop ? 1 : 0, end ? 1 : 0};
  }

  /** The signals that anyone has raised, from the sum of what all have. */
  static Signals of(float[] sums) {
    return new Signals(sums[0] > 0, sums[1] > 0);
  }
}
