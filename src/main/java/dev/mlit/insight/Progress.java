package dev.mlit.insight;

import dev.mlit.spec.ProbeSpec;
import dev.mlit.spec.text.OptionalLibrary;
import dev.mlit.spec.text.Printable;
import dev.mlit.train.TrainingListener;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Shows a run to a person: a bar with rate and time left while an epoch runs, and a line for every
 * epoch that is done. Without a terminal, or without the library that draws bars, {@code
 * me.tongfei:progressbar:0.10.1}, a plain line every ten seconds takes the bar's place.
 *
 * @since 0.1.0
 */
public final class Progress implements TrainingListener {
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

  /** What is read faster than this needs no bar. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final PrintStream out;
  private final boolean bars;
  private final boolean missesBars;
  private final LongSupplier clock;
  private long reading;
  private String part = "";
  private @Nullable Start start;
  private @Nullable StepBar bar;
  private long lastLine;
  private @Nullable Pace pace;

  private Progress(PrintStream out, boolean terminal, boolean library, LongSupplier clock) {
    this.out = out;
    this.bars = terminal && library;
    this.missesBars = terminal && !library;
    this.clock = clock;
  }

  /**
   * Progress on a stream.
   *
   * @param terminal true if the stream is a terminal, where a line can be written over
   */
  public static Progress on(PrintStream out, boolean terminal) {
    return new Progress(out, terminal, OptionalLibrary.PROGRESS_BAR.isPresent(), System::nanoTime);
  }

  /** Plain lines, by a clock of nanoseconds. */
  static Progress plain(PrintStream out, LongSupplier clock) {
    return new Progress(out, false, true, clock);
  }

  /** On a terminal, where the library that draws bars is not on the class path. */
  static Progress withoutLibrary(PrintStream out) {
    return new Progress(out, true, false, System::nanoTime);
  }

  /** How fast the steps of an epoch are, as it was when they began. */
  private record Pace(long began, long firstStep) {
    double secondsPerStep(Step step, long now) {
      return (now - began) / 1e9 / (step.step() - firstStep);
    }
  }

  @Override
  public void loading(Loading loading) {
    long now = clock.getAsLong();
    boolean done = loading.done() == loading.images();
    if (!loading.part().equals(part)) {
      part = loading.part();
      reading = now;
    }
    if (bars && done) {
      removeBar();
    } else if (now - reading > PATIENCE.toNanos()) {
      loading(loading, now);
    }
  }

  private void loading(Loading loading, long now) {
    String task = "reading " + loading.dataset() + ", " + loading.part();
    if (bars) {
      if (bar == null) {
        bar = StepBar.start(out, task, loading.images(), " images", 0);
      }
      bar.to(loading.done());
    } else if (lastLine == 0 || now - lastLine > BETWEEN_LINES.toNanos()) {
      lastLine = now;
      say("%s: %,d of %,d images", task, loading.done(), loading.images());
    }
  }

  @Override
  public void waiting(List<String> workers) {
    removeBar();
    say("waiting for %s", String.join(", ", workers));
  }

  @Override
  public void started(Start start) {
    removeBar();
    this.start = start;
    this.lastLine = clock.getAsLong();
    this.pace = new Pace(lastLine, start.step());
    say(
        "%s: %s, %,d parameters; %,d images to train on, %s%,d to test on; %s",
        start.directory(),
        start.run().model().name(),
        start.parameters(),
        start.trainImages(),
        start.validationImages() == 0
            ? ""
            : String.format(Locale.ROOT, "%,d to validate on, ", start.validationImages()),
        start.testImages(),
        work(start));
    if (missesBars) {
      say("no bar, which needs %s", OptionalLibrary.PROGRESS_BAR.coordinates());
    }
  }

  /** Such as {@code 942 steps, 157 of them done}. */
  private static String work(Start start) {
    ProbeSpec probe = start.run().probe();
    if (probe == null) {
      return String.format(Locale.ROOT, "%,d steps", start.steps())
          + (start.step() == 0
              ? ""
              : String.format(Locale.ROOT, ", %,d of them done", start.step()));
    }
    return probe.kind() == ProbeSpec.Kind.NEAREST_NEIGHBOURS
        ? "a probe by the " + probe.k() + " nearest neighbours"
        : "a linear probe";
  }

  @Override
  public void step(Step step) {
    Start run = start;
    if (run == null || pace == null || run.run().probe() != null) {
      return;
    }
    long now = clock.getAsLong();
    double seconds = pace.secondsPerStep(step, now);
    double rate = run.run().training().batch() / seconds;
    if (bars) {
      StepBar current = bar(run, step);
      current.remark(String.format(Locale.ROOT, " loss %.3f, %.0f images/s", step.loss(), rate));
      current.to(step.step());
    } else if (now - lastLine > BETWEEN_LINES.toNanos()) {
      lastLine = now;
      // The pace is measured from line to line: a machine that slept makes no later step slow.
      pace = new Pace(now, step.step());
      say(
          "epoch %d/%d, step %,d of %,d  loss %.4f  %.0f images/s  %s left",
          step.epoch(),
          run.run().training().epochs(),
          step.step(),
          run.steps(),
          step.loss(),
          rate,
          Durations.text(seconds * (run.steps() - step.step())));
    }
  }

  private StepBar bar(Start run, Step step) {
    StepBar current = bar;
    if (current == null) {
      String task = "epoch " + step.epoch() + "/" + run.run().training().epochs();
      current = StepBar.start(out, task, run.steps(), " steps", step.step() - 1);
      bar = current;
    }
    return current;
  }

  @Override
  public void epoch(Epoch epoch) {
    removeBar();
    lastLine = clock.getAsLong();
    pace = new Pace(lastLine, epoch.step());
    Start run = start;
    if (run != null && run.run().probe() != null) {
      say("probe  %s%s  %.0f s", probed(epoch), neighbours(epoch), epoch.seconds());
      return;
    }
    say(
        "epoch %d/%d  loss %.4f  %s  %.0f images/s  %.0f s",
        epoch.epoch(),
        start == null ? epoch.epoch() : start.run().training().epochs(),
        epoch.trainLoss(),
        measured(epoch) + neighbours(epoch),
        epoch.imagesPerSecond(),
        epoch.seconds());
  }

  private static String measured(Epoch epoch) {
    List<String> all = new ArrayList<>();
    if (!Double.isNaN(epoch.trainAccuracy())) {
      all.add(String.format(Locale.ROOT, "train accuracy %.4f", epoch.trainAccuracy()));
    }
    if (!Double.isNaN(epoch.validationLoss())) {
      all.add(measured("validation", epoch.validationAccuracy(), epoch.validationLoss()));
    }
    if (!Double.isNaN(epoch.testLoss())) {
      all.add(measured("test", epoch.testAccuracy(), epoch.testLoss()));
    }
    return String.join("  ", all);
  }

  private static String measured(String part, double accuracy, double loss) {
    return Double.isNaN(accuracy)
        ? String.format(Locale.ROOT, "%s error %.4f", part, loss)
        : String.format(Locale.ROOT, "%s accuracy %.4f", part, accuracy);
  }

  @Override
  public void finalTest(FinalTest test) {
    removeBar();
    boolean probe = start != null && start.run().probe() != null;
    say(
        "%s  %s  %.0f s",
        probe ? "probe tested" : "tested after epoch " + test.epoch(),
        measured("test", test.testAccuracy(), test.testLoss()),
        test.seconds());
  }

  private static String probed(Epoch epoch) {
    return Double.isNaN(epoch.trainLoss())
        ? measured(epoch)
        : String.format(Locale.ROOT, "loss %.4f  %s", epoch.trainLoss(), measured(epoch));
  }

  private static String neighbours(Epoch epoch) {
    return Double.isNaN(epoch.neighboursAccuracy())
        ? ""
        : String.format(Locale.ROOT, "  neighbours %.4f", epoch.neighboursAccuracy());
  }

  @Override
  public void close() {
    removeBar();
  }

  /** A line; names in it may be of a program or of files that somebody else has made. */
  private void say(String format, Object... values) {
    out.println(Printable.line(String.format(Locale.ROOT, format, values)));
  }

  private void removeBar() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
