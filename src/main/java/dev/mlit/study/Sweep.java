package dev.mlit.study;

import dev.mlit.spec.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings that an arm with a sweep is tried with, on one target, share of the labels and
 * pre-training. They are compared by the validation images; the test images of a setting that is
 * not chosen are never read.
 */
final class Sweep {
  private final StudyPlan plan;
  private final List<Cell> cells;
  private final List<Setting> settings;

  /**
   * The sweep of some cells.
   *
   * @param cells that the settings are compared by, which differ only in the seed
   */
  Sweep(StudyPlan plan, List<Cell> cells, List<Setting> settings) {
    this.plan = plan;
    this.cells = List.copyOf(cells);
    this.settings = List.copyOf(settings);
  }

  /**
   * The setting of the highest mean validation accuracy, of equal ones the first; null as long as
   * there is one left to try.
   *
   * @throws InvalidInputException if training diverged with every setting
   */
  @Nullable Setting chosen() {
    return chosen(candidates());
  }

  private @Nullable Setting chosen(List<StudyResult.Candidate> candidates) {
    if (candidates.stream().anyMatch(c -> c.seeds().size() < cells.size())) {
      return null;
    }
    int best = -1;
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < candidates.size(); i++) {
      Double mean = candidates.get(i).mean();
      if (mean != null && mean > highest) {
        best = i;
        highest = mean;
      }
    }
    if (best < 0) {
      throw new InvalidInputException(
          cells.get(0).group()
              + ": training diverged with every setting of the sweep: "
              + settings.stream().map(Setting::text).toList());
    }
    return settings.get(best);
  }

  /** What the settings have come to so far, in their order. */
  private List<StudyResult.Candidate> candidates() {
    List<StudyResult.Candidate> candidates = new ArrayList<>();
    for (Setting setting : settings) {
      List<Integer> seeds = new ArrayList<>();
      List<Double> accuracies = new ArrayList<>();
      boolean diverged = false;
      double seconds = 0;
      for (Cell cell : cells) {
        Outcome tried = Outcome.validated(plan.directory(cell, setting));
        if (tried != null) {
          seeds.add(cell.seed());
          seconds += tried.seconds();
          Double accuracy = tried.validationAccuracy();
          diverged |= accuracy == null;
          if (accuracy != null) {
            accuracies.add(accuracy);
          }
        }
      }
      Double mean =
          diverged || accuracies.isEmpty()
              ? null
              : accuracies.stream().mapToDouble(a -> a).average().orElseThrow();
      candidates.add(
          new StudyResult.Candidate(setting.text(), seeds, accuracies, mean, diverged, seconds));
    }
    return candidates;
  }

  /** What is known of the choice, for the report. */
  StudyResult.Choice choice(String column) {
    Cell cell = cells.get(0);
    List<StudyResult.Candidate> candidates = candidates();
    Setting chosen = chosen(candidates);
    int images =
        settings.stream()
            .map(setting -> Outcome.validated(plan.directory(cell, setting)))
            .mapToInt(tried -> tried == null ? 0 : tried.validationImages())
            .max()
            .orElse(0);
    return new StudyResult.Choice(
        cell.target().name(),
        cell.fraction().labels(),
        column,
        images,
        chosen == null ? null : chosen.text(),
        candidates);
  }
}
