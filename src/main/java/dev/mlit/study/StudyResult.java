package dev.mlit.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mlit.spec.StudySpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What came out of a study: mean and deviation of the test accuracy over the seeds.
 *
 * @param study its name
 * @param directory of the study
 * @param rows by target, labels and arm
 */
public record StudyResult(String study, String directory, List<Row> rows) {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  /**
   * Some cells that differ in the seed alone.
   *
   * @param target the images
   * @param labels share of the training images of every class
   * @param images that were trained on
   * @param testImages that were tested on
   * @param arm the way to train, and what it starts from
   * @param seeds those that are through
   * @param accuracies of these, in [0, 1]
   * @param mean of the accuracies
   * @param deviation the standard deviation of a sample, with n - 1; null of a single one
   * @param seconds of all of them together
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Row(
      String target,
      double labels,
      int images,
      int testImages,
      String arm,
      List<Integer> seeds,
      List<Double> accuracies,
      double mean,
      @Nullable Double deviation,
      double seconds) {
    public Row {
      seeds = List.copyOf(seeds);
      accuracies = List.copyOf(accuracies);
    }

    /** Such as {@code 43.10 ± 0.52}, in percent. */
    String text() {
      Double spread = deviation;
      return spread == null
          ? String.format(Locale.ROOT, "%.2f", 100 * mean)
          : String.format(Locale.ROOT, "%.2f ± %.2f", 100 * mean, 100 * spread);
    }
  }

  public StudyResult {
    rows = List.copyOf(rows);
  }

  /** The table of cells that are through. */
  static StudyResult of(StudySpec spec, Path directory, Map<Cell, Outcome> outcomes) {
    Map<List<Object>, List<Cell>> groups = new LinkedHashMap<>();
    for (Cell cell : outcomes.keySet()) {
      groups
          .computeIfAbsent(
              List.of(cell.target().name(), cell.fraction().labels(), cell.column(spec)),
              absent -> new ArrayList<>())
          .add(cell);
    }
    List<Row> rows = new ArrayList<>();
    for (List<Cell> cells : groups.values()) {
      List<Outcome> all = cells.stream().map(c -> outcome(outcomes, c)).toList();
      List<Double> accuracies = all.stream().map(StudyResult::accuracy).toList();
      double mean = accuracies.stream().mapToDouble(a -> a).average().orElse(Double.NaN);
      double squares = accuracies.stream().mapToDouble(a -> (a - mean) * (a - mean)).sum();
      int count = accuracies.size();
      rows.add(
          new Row(
              cells.get(0).target().name(),
              cells.get(0).fraction().labels(),
              all.get(0).trainImages(),
              all.get(0).testImages(),
              cells.get(0).column(spec),
              cells.stream().map(Cell::seed).toList(),
              accuracies,
              mean,
              count == 1 ? null : Math.sqrt(squares / (count - 1)),
              all.stream().mapToDouble(Outcome::seconds).sum()));
    }
    return new StudyResult(spec.name(), directory.toString(), rows);
  }

  private static Outcome outcome(Map<Cell, Outcome> outcomes, Cell cell) {
    return java.util.Objects.requireNonNull(outcomes.get(cell));
  }

  private static double accuracy(Outcome outcome) {
    Double accuracy = outcome.testAccuracy();
    return accuracy == null ? Double.NaN : accuracy;
  }

  /** The arms that have a row, in the order of the study. */
  List<String> arms() {
    Set<String> arms = new LinkedHashSet<>();
    rows.forEach(row -> arms.add(row.arm));
    return List.copyOf(arms);
  }

  @Nullable Row row(String target, double labels, String arm) {
    return rows.stream()
        .filter(r -> r.target.equals(target) && r.labels == labels && r.arm.equals(arm))
        .findFirst()
        .orElse(null);
  }

  /** The cells of the table, the head first: target, labels, images, and a column for every arm. */
  private List<List<String>> table() {
    List<List<String>> lines = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("target", "labels", "images"));
    head.addAll(arms());
    lines.add(head);
    Set<List<Object>> places = new LinkedHashSet<>();
    rows.forEach(row -> places.add(List.of(row.target, row.labels, row.images)));
    for (List<Object> place : places) {
      double labels = (Double) place.get(1);
      List<String> line =
          new ArrayList<>(
              List.of(
                  (String) place.get(0),
                  Cell.labels(labels),
                  String.format(Locale.ROOT, "%,d", (Integer) place.get(2))));
      for (String arm : arms()) {
        Row row = row((String) place.get(0), labels, arm);
        line.add(row == null ? "-" : row.text());
      }
      lines.add(line);
    }
    return lines;
  }

  /** Test accuracy in percent, mean and deviation, as a table of text. */
  public String text() {
    List<List<String>> table = table();
    StringBuilder text = new StringBuilder();
    for (List<String> line : table) {
      for (int column = 0; column < line.size(); column++) {
        int own = column;
        int width = table.stream().mapToInt(l -> l.get(own).length()).max().orElse(0);
        String format = column == 0 ? "%-" + width + "s" : "  %" + width + "s";
        text.append(String.format(format, line.get(column)));
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** The same as a table of Markdown. */
  public String markdown() {
    StringBuilder text = new StringBuilder();
    List<List<String>> table = table();
    for (int i = 0; i < table.size(); i++) {
      text.append("| ").append(String.join(" | ", table.get(i))).append(" |\n");
      if (i == 0) {
        text.append("|---|").append("---:|".repeat(table.get(0).size() - 1)).append('\n');
      }
    }
    return text.toString();
  }

  /** All of it as JSON. */
  public String json() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new AssertionError("records are always JSON", e);
    }
  }
}
