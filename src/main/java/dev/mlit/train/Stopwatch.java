package dev.mlit.train;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * The seconds since it was made, and those that other processes have spent before.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class Stopwatch {
  private final long began = System.nanoTime();
  private final double before;

  public Stopwatch(double before) {
    this.before = before;
  }

  public double seconds() {
    return before + (System.nanoTime() - began) / 1e9;
  }
}
