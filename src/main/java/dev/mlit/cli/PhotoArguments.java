package dev.mlit.cli;

import dev.mlit.photos.DataSource;
import dev.mlit.photos.PhotoOptions;
import dev.mlit.photos.PhotoPlan;
import dev.mlit.photos.Planner;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.NumberRule;
import dev.mlit.spec.text.Printable;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code ./mlit train} that take pictures in place of a run. */
final class PhotoArguments {
  /** What {@code --data} takes, here and in {@code ./mlit evaluate}: see {@link DataSource}. */
  static final String LABEL = "PHOTOS";

  static final String PLACES =
      "a folder, .zip or .tar.gz with a folder for every class, or the name of a dataset.";

  private static final double MINUTES = 10;

  @Option(
      names = "--data",
      paramLabel = LABEL,
      completionCandidates = Candidates.DatasetNames.class,
      description = "Pictures in place of a run: " + PLACES + " All else is decided, and said.")
  private @Nullable String data;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "With --data: the time for all of it; 10 if left out.")
  private @Nullable Double minutes;

  @Option(
      names = "--dry-run",
      description = "With --data: prints the run that would be trained, and ends.")
  private boolean dryRun;

  /** Whether pictures are given, and no run. */
  boolean isGiven(@Nullable Path run, boolean resume, @Nullable Integer workers) {
    if (data == null) {
      refuse(minutes != null, "--minutes: needs --data");
      refuse(dryRun, "--dry-run: needs --data");
      return false;
    }
    refuse(run != null, "--data: must be left out where there is a run, " + run);
    refuse(resume, "--resume: needs no --data: name the directory of the run in its place");
    refuse(workers != null && workers > 1, "--workers: must be left out with --data");
    return true;
  }

  private static void refuse(boolean wrong, String message) {
    if (wrong) {
      throw new InvalidInputException(message);
    }
  }

  boolean isDryRun() {
    return dryRun;
  }

  /**
   * Decides about the run.
   *
   * @param settings of fields
   * @param out gets what is found and decided
   */
  PhotoPlan plan(List<String> settings, PrintWriter out) {
    double time = minutes == null ? MINUTES : minutes;
    OptionRange.require("--minutes", time, new NumberRule(0, 10_000, true, false));
    Path home = Quickstart.path().toAbsolutePath().getParent();
    PhotoOptions options =
        new PhotoOptions()
            .minutes(time)
            .set(settings)
            .lines(
                line -> {
                  out.println(Printable.line(line));
                  out.flush();
                });
    if (home != null) {
      options.encoders(home.resolve("../../savedmodels").normalize());
    }
    return Planner.plan(DataSource.of(String.valueOf(data)), options);
  }
}
