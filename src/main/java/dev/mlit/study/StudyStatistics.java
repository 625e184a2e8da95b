package dev.mlit.study;

import dev.mlit.spec.StudySpec;
import dev.mlit.study.StudyResult.Choice;
import dev.mlit.study.StudyResult.Gain;
import dev.mlit.study.StudyResult.Row;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Computes the result of a study from what came out of its cells: means and deviations over the
 * seeds, and gains of one arm over another.
 */
final class StudyStatistics {
  private StudyStatistics() {}

  /** The result of the cells that are done. */
  static StudyResult of(
      StudySpec spec, StudyPlan plan, Path directory, Map<Cell, Outcome> outcomes) {
    List<Row> rows = new ArrayList<>();
    for (List<Cell> cells : groups(spec, outcomes.keySet()).values()) {
      rows.add(row(spec, plan, cells, outcomes));
    }
    List<Choice> choices = new ArrayList<>();
    for (List<Cell> cells : groups(spec, plan.cells()).values()) {
      Cell cell = cells.get(0);
      if (!cell.arm().sweep().isEmpty()) {
        choices.add(plan.sweep(cell).choice(cell.column(spec)));
      }
    }
    return new StudyResult(spec.name(), directory.toString(), rows, choices);
  }

  /** Cells that differ only in the seed, together. */
  private static Map<List<Object>, List<Cell>> groups(StudySpec spec, Collection<Cell> cells) {
    Map<List<Object>, List<Cell>> groups = new LinkedHashMap<>();
    for (Cell cell : cells) {
      groups
          .computeIfAbsent(
              List.of(cell.target().name(), cell.fraction().labels(), cell.column(spec)),
              absent -> new ArrayList<>())
          .add(cell);
    }
    return groups;
  }

  private static Row row(
      StudySpec spec, StudyPlan plan, List<Cell> cells, Map<Cell, Outcome> outcomes) {
    Cell first = cells.get(0);
    List<Outcome> all = cells.stream().map(c -> outcome(outcomes, c)).toList();
    List<Double> accuracies = all.stream().map(StudyStatistics::accuracy).toList();
    double mean = accuracies.stream().mapToDouble(a -> a).average().orElse(Double.NaN);
    double squares = accuracies.stream().mapToDouble(a -> (a - mean) * (a - mean)).sum();
    int count = accuracies.size();
    Setting setting = plan.setting(first);
    return new Row(
        first.target().name(),
        first.fraction().labels(),
        all.get(0).trainImages(),
        all.get(0).testImages(),
        first.column(spec),
        cells.stream().map(Cell::seed).toList(),
        accuracies,
        mean,
        count == 1 ? null : Math.sqrt(squares / (count - 1)),
        all.stream().mapToDouble(Outcome::seconds).sum(),
        setting == null || setting.equals(Setting.NONE) ? null : setting.text());
  }

  /** The gains of every arm over all that are before it in the study. */
  static List<Gain> gains(List<Row> rows) {
    List<Gain> gains = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      Row one = rows.get(i);
      for (Row other : rows.subList(0, i)) {
        if (one.target().equals(other.target()) && one.labels() == other.labels()) {
          gain(one, other).ifPresent(gains::add);
        }
      }
    }
    return gains;
  }

  /** The gain of one arm over another; empty if no seed is done in both. */
  static Optional<Gain> gain(Row one, Row other) {
    List<Integer> seeds = one.seeds().stream().filter(other.seeds()::contains).toList();
    if (seeds.isEmpty()) {
      return Optional.empty();
    }
    List<Double> differences =
        seeds.stream().map(seed -> one.accuracy(seed) - other.accuracy(seed)).toList();
    PairedDifference all = PairedDifference.of(differences);
    Double margin = all.margin();
    return Optional.of(
        new Gain(
            one.target(),
            one.labels(),
            one.arm(),
            other.arm(),
            seeds,
            all.mean(),
            margin == null ? null : all.mean() - margin,
            margin == null ? null : all.mean() + margin));
  }

  private static Outcome outcome(Map<Cell, Outcome> outcomes, Cell cell) {
    return Objects.requireNonNull(outcomes.get(cell));
  }

  private static double accuracy(Outcome outcome) {
    Double accuracy = outcome.testAccuracy();
    return accuracy == null ? Double.NaN : accuracy;
  }
}
