package dev.mlit.insight;

import dev.mlit.spec.text.Printable;
import java.io.PrintStream;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A bar on a terminal, gone when it is closed. The one class of this room that needs the library of
 * bars, which is optional.
 */
final class StepBar implements AutoCloseable {
  private static final int WIDTH = 100;

  private final ProgressBar bar;

  private StepBar(ProgressBar bar) {
    this.bar = bar;
  }

  /**
   * Draws a bar.
   *
   * @param unit with a space before it
   * @param done what is done already, which counts for no rate
   */
  static StepBar start(PrintStream out, String task, long total, String unit, long done) {
    return new StepBar(
        new ProgressBarBuilder()
            .setTaskName(Printable.line(task))
            .setInitialMax(total)
            .setStyle(ProgressBarStyle.ASCII)
            .setUnit(unit, 1)
            .setUpdateIntervalMillis(200)
            .setMaxRenderedLength(WIDTH)
            .startsFrom(done, Duration.ZERO)
            .clearDisplayOnFinish()
            .setConsumer(new ConsoleProgressBarConsumer(out, WIDTH))
            .build());
  }

  void to(long done) {
    bar.stepTo(done);
  }

  /** What stands behind the bar. */
  void remark(String text) {
    bar.setExtraMessage(text);
  }

  @Override
  public void close() {
    bar.close();
  }
}
