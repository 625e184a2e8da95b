package dev.mlit.cluster;

/**
 * Requests of a worker to all workers. If only one worker acted on them, the others would wait for
 * it.
 *
 * @param stop the run is to be saved and stopped
 * @param end the run is to end, as if it were done
 * @since 0.1.0
 */
public record Signals(boolean stop, boolean end) {
  public static final Signals NONE = new Signals(false, false);

  /** The number of signals. */
  public static final int COUNT = 2;

  /** 1 for every signal that is raised, 0 for the others. */
  public float[] numbers() {
    return new float[] {stop ? 1 : 0, end ? 1 : 0};
  }

  /** The signals that anyone has raised, from the sum of what all have. */
  public static Signals of(float[] sums) {
    return new Signals(sums[0] > 0, sums[1] > 0);
  }
}
