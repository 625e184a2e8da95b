package dev.mlit.study;

import dev.mlit.study.StudyResult.Candidate;
import dev.mlit.study.StudyResult.Choice;
import dev.mlit.study.StudyResult.Gain;
import dev.mlit.study.StudyResult.Row;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tables of a study: accuracy, gains, and what sweeps have chosen. */
final class StudyTables {
  private StudyTables() {}

  /** Those that have something to say, accuracy first; of the gains, those over the first arm. */
  static List<TextTable> of(StudyResult result) {
    return Stream.concat(
            Stream.of(accuracy(result)),
            Stream.of(gains(overTheFirst(result)), choices(result))
                .filter(table -> !table.isEmpty()))
        .toList();
  }

  /** Test accuracy in percent: target, labels, images, and a column for every arm. */
  static TextTable accuracy(StudyResult result) {
    List<String> head = new ArrayList<>(List.of("target", "labels", "images"));
    head.addAll(result.arms());
    TextTable table =
        new TextTable("test accuracy in percent, mean and standard deviation", head, 1);
    Set<List<Object>> places = new LinkedHashSet<>();
    result.rows().forEach(row -> places.add(List.of(row.target(), row.labels(), row.images())));
    for (List<Object> place : places) {
      String target = (String) place.get(0);
      double labels = (Double) place.get(1);
      List<String> line =
          new ArrayList<>(
              List.of(
                  target,
                  Cell.labels(labels),
                  String.format(Locale.ROOT, "%,d", (Integer) place.get(2))));
      for (String arm : result.arms()) {
        line.add(result.row(target, labels, arm).map(Row::text).orElse("-"));
      }
      table.row(line);
    }
    return table;
  }

  /** The gains of all arms over the first of the study. */
  static List<Gain> overTheFirst(StudyResult result) {
    String first = result.arms().isEmpty() ? "" : result.arms().get(0);
    return result.gains().stream().filter(gain -> gain.against().equals(first)).toList();
  }

  /** In points, with their intervals. */
  static TextTable gains(List<Gain> gains) {
    TextTable table =
        new TextTable(
            "gain in points of test accuracy, mean of the differences seed by seed, and its 95 %"
                + " confidence interval (Student's t)",
            List.of(
                "target", "labels", "arm", "against", "gain in points", "95 % interval", "seeds"),
            4);
    for (Gain gain : gains) {
      table.row(
          List.of(
              gain.target(),
              Cell.labels(gain.labels()),
              gain.arm(),
              gain.against(),
              points(gain.mean()),
              interval(gain),
              String.valueOf(gain.seeds().size())));
    }
    return table;
  }

  /** The settings of sweeps, the chosen ones marked. */
  static TextTable choices(StudyResult result) {
    TextTable table =
        new TextTable(
            "validation accuracy in percent of the settings of sweeps",
            List.of("target", "labels", "arm", "setting", "chosen", "validation accuracy", "seeds"),
            5);
    for (Choice choice : result.choices()) {
      for (Candidate each : choice.candidates()) {
        Double mean = each.mean();
        table.row(
            List.of(
                choice.target(),
                Cell.labels(choice.labels()),
                choice.arm(),
                each.setting(),
                each.setting().equals(choice.chosen()) ? "chosen" : "",
                each.diverged() ? "diverged" : mean == null ? "-" : percent(mean),
                String.valueOf(each.seeds().size())));
      }
    }
    return table;
  }

  /** Everything that is known of a row, for a program. */
  static TextTable allRows(StudyResult result) {
    TextTable table =
        new TextTable(
            "results",
            List.of(
                "target",
                "labels",
                "train_images",
                "test_images",
                "arm",
                "setting",
                "seeds",
                "test_accuracies",
                "mean",
                "standard_deviation",
                "seconds"),
            1);
    for (Row row : result.rows()) {
      String setting = row.setting();
      table.row(
          List.of(
              row.target(),
              String.valueOf(row.labels()),
              String.valueOf(row.images()),
              String.valueOf(row.testImages()),
              row.arm(),
              setting == null ? "" : setting,
              spaced(row.seeds()),
              spaced(row.accuracies()),
              String.valueOf(row.mean()),
              number(row.deviation()),
              String.valueOf(row.seconds())));
    }
    return table;
  }

  /** Everything that is known of a gain, for a program. */
  static TextTable allGains(StudyResult result) {
    TextTable table =
        new TextTable(
            "gains",
            List.of("target", "labels", "arm", "against", "seeds", "gain", "low", "high"),
            1);
    for (Gain gain : result.gains()) {
      table.row(
          List.of(
              gain.target(),
              String.valueOf(gain.labels()),
              gain.arm(),
              gain.against(),
              spaced(gain.seeds()),
              String.valueOf(gain.mean()),
              number(gain.low()),
              number(gain.high())));
    }
    return table;
  }

  /** Such as {@code +16.90}. */
  static String points(double share) {
    return String.format(Locale.ROOT, "%+.2f", 100 * share);
  }

  /** Such as {@code +12.31 to +21.49}; of a single seed that there is none. */
  static String interval(Gain gain) {
    Double low = gain.low();
    Double high = gain.high();
    return low == null || high == null ? "none" : points(low) + " to " + points(high);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f", 100 * share);
  }

  private static String number(@Nullable Double value) {
    return value == null ? "" : String.valueOf(value);
  }

  private static String spaced(List<? extends Number> numbers) {
    return String.join(" ", numbers.stream().map(String::valueOf).toList());
  }
}
