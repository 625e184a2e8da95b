package dev.mlit.train;

/** The seconds since it was made, and those that other processes have spent before. */
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
