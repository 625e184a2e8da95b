package dev.mlit.cli;

import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Counts what is done on standard error: a bar on a terminal, else a line every ten seconds. */
final class Counter implements AutoCloseable {
  private static final long BETWEEN_LINES = Duration.ofSeconds(10).toNanos();

  private final String task;
  private final int total;
  private final String unit;
  private final @Nullable ProgressBar bar;
  private long lastLine = System.nanoTime();

  private Counter(String task, int total, String unit, @Nullable ProgressBar bar) {
    this.task = task;
    this.total = total;
    this.unit = unit;
    this.bar = bar;
  }

  static Counter of(String task, int total, String unit) {
    ProgressBar bar =
        Console.isTerminal()
            ? new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUnit(" " + unit, 1)
                .setUpdateIntervalMillis(200)
                .clearDisplayOnFinish()
                .setConsumer(new ConsoleProgressBarConsumer(System.err, 100))
                .build()
            : null;
    return new Counter(task, total, unit, bar);
  }

  void to(int done) {
    if (bar != null) {
      bar.stepTo(done);
    } else if (System.nanoTime() - lastLine > BETWEEN_LINES) {
      lastLine = System.nanoTime();
      System.err.println(task + ": " + done + " of " + total + " " + unit);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
