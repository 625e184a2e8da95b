package dev.mlit.study;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What came out of a study: mean and deviation of the test accuracy over the seeds, how much better
 * one arm is than another, and what sweeps have chosen.
 *
 * @param study its name
 * @param directory of the study
 * @param rows by target, labels and arm
 * @param gains of every arm against every one before it, by target and labels
 * @param choices of sweeps, by target, labels and arm
 * @since 0.1.0
 */
public record StudyResult(
    String study, String directory, List<Row> rows, List<Gain> gains, List<Choice> choices) {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  /**
   * Some cells that differ only in the seed.
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
   * @param setting that the arm's sweep has chosen, such as {@code optimizer.learning-rate=1.0e-3};
   *     null of an arm without one
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
      double seconds,
      @Nullable String setting) {
    public Row {
      seeds = List.copyOf(seeds);
      accuracies = List.copyOf(accuracies);
    }

    /** The test accuracy of one of the seeds. */
    double accuracy(int seed) {
      return accuracies.get(seeds.indexOf(seed));
    }

    /** Such as {@code 43.10 ± 0.52}, in percent. */
    String text() {
      Double spread = deviation;
      return spread == null
          ? String.format(Locale.ROOT, "%.2f", 100 * mean)
          : String.format(Locale.ROOT, "%.2f ± %.2f", 100 * mean, 100 * spread);
    }
  }

  /**
   * How much higher the test accuracy of an arm is than that of another, seed by seed: both have
   * trained on the same images, in the same order.
   *
   * @param target the images
   * @param labels share of the training images of every class
   * @param arm the one
   * @param against the other
   * @param seeds that are through in both
   * @param mean of the differences, in [-1, 1]: 0.02 are two points
   * @param low the lower end of the 95 % confidence interval of the mean, of Student's t over the
   *     differences; null of a single seed, which has none
   * @param high the upper end; null of a single seed
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Gain(
      String target,
      double labels,
      String arm,
      String against,
      List<Integer> seeds,
      double mean,
      @Nullable Double low,
      @Nullable Double high) {
    public Gain {
      seeds = List.copyOf(seeds);
    }
  }

  /**
   * What the sweep of an arm has chosen.
   *
   * @param target the images
   * @param labels share of the training images of every class
   * @param arm the way to train, and what it starts from
   * @param validationImages that the settings were compared on, with the first seed
   * @param chosen the setting of the highest mean, of equal ones the first; null as long as there
   *     is one left to try
   * @param candidates all settings
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Choice(
      String target,
      double labels,
      String arm,
      int validationImages,
      @Nullable String chosen,
      List<Candidate> candidates) {
    public Choice {
      candidates = List.copyOf(candidates);
    }
  }

  /**
   * A setting that a sweep has tried.
   *
   * @param setting such as {@code optimizer.learning-rate=1.0e-3, optimizer.layer-decay=0.65}
   * @param seeds that it was tried with so far
   * @param accuracies of the validation images, in [0, 1], seed by seed; without those that
   *     diverged
   * @param mean of the accuracies; null if there are none, or any has diverged
   * @param diverged whether training diverged with it; it is then not chosen
   * @param seconds of training
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Candidate(
      String setting,
      List<Integer> seeds,
      List<Double> accuracies,
      @Nullable Double mean,
      boolean diverged,
      double seconds) {
    public Candidate {
      seeds = List.copyOf(seeds);
      accuracies = List.copyOf(accuracies);
    }
  }

  public StudyResult {
    rows = List.copyOf(rows);
    gains = List.copyOf(gains);
    choices = List.copyOf(choices);
  }

  /** Compares the arms of these rows. */
  public StudyResult(String study, String directory, List<Row> rows, List<Choice> choices) {
    this(study, directory, rows, StudyStatistics.gains(rows), choices);
  }

  /** The arms that have a row, in the order of the study. */
  public List<String> arms() {
    Set<String> arms = new LinkedHashSet<>();
    rows.forEach(row -> arms.add(row.arm));
    return List.copyOf(arms);
  }

  /**
   * The cells of a target, a share of its labels and an arm; empty if none of them is through.
   *
   * @param arm as {@link #arms} has it, such as {@code fine-tune}, or {@code fine-tune from
   *     cifar100} where there is more than one pre-training
   */
  public Optional<Row> row(String target, double labels, String arm) {
    return rows.stream()
        .filter(r -> r.target.equals(target) && r.labels == labels && r.arm.equals(arm))
        .findFirst();
  }

  /**
   * How much better an arm is than another, over the seeds that are through in both; empty if there
   * is none.
   *
   * @param arm the one, as {@link #arms} has it
   * @param against the other
   */
  public Optional<Gain> gain(String target, double labels, String arm, String against) {
    return row(target, labels, arm)
        .flatMap(
            one -> row(target, labels, against).flatMap(other -> StudyStatistics.gain(one, other)));
  }

  /** What the sweep of an arm has chosen, as {@link #row}; empty of an arm without one. */
  public Optional<Choice> choice(String target, double labels, String arm) {
    return choices.stream()
        .filter(c -> c.target.equals(target) && c.labels == labels && c.arm.equals(arm))
        .findFirst();
  }

  /**
   * Test accuracy in percent, mean and deviation, then gains over the first arm, and what sweeps
   * have chosen, as tables of text.
   */
  public String text() {
    return StudyTables.of(this).stream().map(TextTable::text).collect(joining("\n"));
  }

  /** The same as tables of Markdown. */
  public String markdown() {
    return StudyTables.of(this).stream().map(TextTable::markdown).collect(joining("\n"));
  }

  /**
   * All rows as CSV (RFC 4180, lines end with a line feed): shares and accuracies in [0, 1], and a
   * line for every target, share of the labels and arm.
   */
  public String csv() {
    return StudyTables.allRows(this).csv();
  }

  /** The table of test accuracy as a {@code tabular} of LaTeX, which needs package booktabs. */
  public String latex() {
    return StudyTables.accuracy(this).latex();
  }

  /** All gains as CSV, as {@link #csv}. */
  public String gainsCsv() {
    return StudyTables.allGains(this).csv();
  }

  /** The gains, in points, as a {@code tabular} of LaTeX, which needs package booktabs. */
  public String gainsLatex() {
    return StudyTables.gains(gains).latex();
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
