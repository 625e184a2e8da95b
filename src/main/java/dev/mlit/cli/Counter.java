package dev.mlit.cli;

import dev.mlit.insight.StepBar;
import dev.mlit.spec.text.Printable;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Counts what is done on standard error, with the rate and the time left: a bar on a terminal, else
 * a line after two seconds and every ten seconds from there on.
 */
final class Counter implements AutoCloseable {
  /** A total that is not known, as of a stream of paths. */
  static final long UNKNOWN = -1;

  private static final long FIRST_LINE = Duration.ofSeconds(2).toNanos();
  private static final long BETWEEN_LINES = Duration.ofSeconds(10).toNanos();
  private static final long MEGABYTE = 1_000_000;

  private final String task;
  private final long total;
  private final String unit;
  private final long unitSize;
  private final long first;
  private final long start = System.nanoTime();
  private final boolean shown;
  private final @Nullable StepBar bar;
  private long nextLine = start + FIRST_LINE;

  private Counter(String task, long first, long total, String unit, long unitSize, boolean shown) {
    this.task = Printable.line(task);
    this.first = first;
    this.total = total;
    this.unit = unit;
    this.unitSize = unitSize;
    this.shown = shown;
    this.bar =
        shown && Console.isTerminal()
            ? StepBar.start(System.err, task, total, " " + unit, unitSize, first)
            : null;
  }

  /**
   * Counts things, such as images.
   *
   * @param total {@link #UNKNOWN} if it is not known
   */
  static Counter of(String task, long total, String unit) {
    return new Counter(task, 0, total, unit, 1, true);
  }

  /**
   * As {@link #of}, beside results: where they are printed on a terminal, they show what is done.
   */
  static Counter besideResults(String task, long total, String unit) {
    return new Counter(task, 0, total, unit, 1, !Console.showsResults());
  }

  /**
   * Counts bytes, in MB.
   *
   * @param first those that are there already
   */
  static Counter ofBytes(String task, long first, long total) {
    return new Counter(task, first, total, "MB", MEGABYTE, true);
  }

  void to(long done) {
    if (bar != null) {
      bar.to(done);
    } else if (shown && System.nanoTime() - nextLine > 0) {
      long now = System.nanoTime();
      nextLine = now + BETWEEN_LINES;
      System.err.println(line(done, (now - start) / 1e9));
    }
  }

  /** Makes room for a line on standard error, where the bar is drawn again below it. */
  void makeRoom() {
    if (bar != null) {
      System.err.print("\r\033[K");
      System.err.flush();
    }
  }

  /** What is done after some seconds. */
  String line(long done, double seconds) {
    double perSecond = (done - first) / seconds;
    if (total == UNKNOWN) {
      return String.format(Locale.ROOT, "%s: %,d %s, %,.0f %3$s/s", task, done, unit, perSecond);
    }
    String rest =
        perSecond > 0
            ? String.format(
                Locale.ROOT,
                unitSize == 1 ? ", %,.0f %s/s, %,.0f s left" : ", %,.1f %s/s, %,.0f s left",
                perSecond / unitSize,
                unit,
                (total - done) / perSecond)
            : "";
    return String.format(
        Locale.ROOT, "%s: %,d of %,d %s%s", task, done / unitSize, total / unitSize, unit, rest);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
