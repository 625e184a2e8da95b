package dev.mlit.insight;

import dev.mlit.files.WholeFile;
import dev.mlit.train.MetricsFile;
import dev.mlit.train.Predictions;
import dev.mlit.train.RunDirectory;
import dev.mlit.train.Stopwatch;
import dev.mlit.train.TrainingListener;
import dev.mlit.train.TrainingResult;
import dev.mlit.train.WriteFailedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@code report.html}: curves, learning rate, confusion matrix, accuracy by class, what the
 * experts do, the worst mistakes, and the run. It is one file that needs no network, written again
 * after an epoch, at most every ten seconds, and when the run is through.
 *
 * @since 0.1.0
 */
public final class RunReport implements TrainingListener {
  private static final double SECONDS_BETWEEN = 10;

  private final @Nullable Path file;
  private final String note;
  private @Nullable Start start;
  private @Nullable Predictions predictions;
  private final List<Epoch> epochs = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private @Nullable Stopwatch sinceLast;
  private final SideProduct product = new SideProduct("report.html");

  private RunReport(@Nullable Path file, String note) {
    this.file = file;
    this.note = note;
  }

  /** A report in the run directory; every run has one already. */
  public static RunReport html() {
    return new RunReport(null, "");
  }

  /** As above, with something that a reader should know. */
  static RunReport html(Optional<String> note) {
    return new RunReport(null, note.orElse(""));
  }

  /** A report in a file of your own. */
  public static RunReport html(Path file) {
    return new RunReport(file, "");
  }

  @Override
  public void started(Start start) {
    this.start = start;
    epochs.addAll(start.history());
    if (start.step() > 0) {
      product.attempt(
          () -> steps.addAll(MetricsFile.steps(RunDirectory.open(start.directory()).metrics())));
    }
  }

  @Override
  public void step(Step step) {
    if (MetricsFile.isKept(step)) {
      steps.add(step);
    }
  }

  @Override
  public void tested(Predictions predictions) {
    this.predictions = predictions;
  }

  @Override
  public void epoch(Epoch epoch) {
    epochs.add(epoch);
    Stopwatch last = sinceLast;
    if (start != null && (last == null || last.seconds() > SECONDS_BETWEEN)) {
      int all = start.run().training().epochs();
      write(String.format(Locale.ROOT, "training, epoch %d of %d done", epoch.epoch(), all));
      sinceLast = new Stopwatch(0);
    }
  }

  @Override
  public void finalTest(FinalTest test) {
    int last = epochs.size() - 1;
    epochs.set(last, epochs.get(last).with(test));
  }

  @Override
  public void ended(TrainingResult result, Optional<String> reason) {
    write(reason.map(why -> "ended early: " + why).orElse("done"));
  }

  private void write(String status) {
    Start run = start;
    Predictions tested = predictions;
    boolean complete = run != null && (tested != null || run.run().model().isAutoencoder());
    if (run == null || !complete || epochs.isEmpty()) {
      return;
    }
    Path target = file == null ? run.directory().resolve("report.html") : file;
    product.attempt(
        () -> {
          try {
            WholeFile.write(target, new RunPage(run, epochs, steps, tested, note).html(status));
          } catch (IOException e) {
            throw WriteFailedException.of(target, e);
          }
        });
  }
}
