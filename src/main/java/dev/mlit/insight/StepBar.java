package dev.mlit.insight;

import dev.mlit.spec.text.Printable;
import java.io.PrintStream;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * A bar on a terminal, gone when it is closed. The one class that needs the library of bars, which
 * is optional.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class StepBar implements AutoCloseable {
  private static final int WIDTH = 100;

  private final ProgressBar bar;

  private StepBar(ProgressBar bar) {
    this.bar = bar;
  }

  /**
   * Draws a bar of single things, such as steps.
   *
   * @param unit with a space before it
   * @param done what is done already, which counts for no rate
   */
  static StepBar start(PrintStream out, String task, long total, String unit, long done) {
    return start(out, task, total, unit, 1, done);
  }

  /**
   * Draws a bar.
   *
   * @param unit with a space before it
   * @param unitSize how many make one of the unit; if more than one, such as bytes in a megabyte,
   *     the rate has a decimal
   * @param done what is done already, which counts for no rate
   */
  public static StepBar start(
      PrintStream out, String task, long total, String unit, long unitSize, long done) {
    ProgressBarBuilder builder =
        new ProgressBarBuilder()
            .setTaskName(Printable.line(task))
            .setInitialMax(total)
            .setStyle(ProgressBarStyle.ASCII)
            .setUnit(unit, unitSize)
            .setUpdateIntervalMillis(200)
            .setMaxRenderedLength(WIDTH)
            .startsFrom(done, Duration.ZERO)
            .clearDisplayOnFinish()
            .setConsumer(new ConsoleProgressBarConsumer(out, WIDTH));
    if (unitSize > 1) {
      builder.showSpeed(new DecimalFormat("0.0", DecimalFormatSymbols.getInstance(Locale.ROOT)));
    }
    return new StepBar(builder.build());
  }

  /** Moves it to what is done. */
  public void to(long done) {
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
