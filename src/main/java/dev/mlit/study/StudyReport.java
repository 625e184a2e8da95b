package dev.mlit.study;

import dev.mlit.data.Dataset;
import dev.mlit.insight.Reconstructions;
import dev.mlit.report.Component;
import dev.mlit.report.ErrorBars;
import dev.mlit.report.LineChart;
import dev.mlit.report.Page;
import dev.mlit.report.Tiles;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import dev.mlit.spec.StudySpec;
import dev.mlit.spec.StudySpec.Target;
import dev.mlit.train.RunDirectory;
import dev.mlit.train.TrainingListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The {@code report.html} of a study: accuracy against the share of labels, learning curves,
 * reconstructions, what the experts do with patches, and maps of the features.
 */
final class StudyReport {
  private static final int MOST_TILES = 12;

  private final StudySpec spec;
  private final StudyPlan plan;
  private final StudyResult result;
  private final Map<Cell, Outcome> outcomes;
  private final Function<RunSpec.Data, Dataset> datasets;

  StudyReport(
      StudySpec spec,
      StudyPlan plan,
      StudyResult result,
      Map<Cell, Outcome> outcomes,
      Function<RunSpec.Data, Dataset> datasets) {
    this.spec = spec;
    this.plan = plan;
    this.result = result;
    this.outcomes = outcomes;
    this.datasets = datasets;
  }

  /**
   * The page.
   *
   * @param through whether all cells are; only then the models are looked into, which takes time
   */
  String html(boolean through) {
    int cells = plan.cells().size();
    String status =
        through
            ? "done"
            : String.format(Locale.ROOT, "%d of %d cells done", outcomes.size(), cells);
    Page page = Page.of(spec.name(), subtitle(cells), status).add(tiles());
    page.section(
        "Accuracy by labels",
        "thirds",
        spec.targets().stream().map(this::accuracy).toArray(Component[]::new));
    page.section("Table", "one", Page.text(StudyTables.accuracy(result).text()));
    TextTable gains = StudyTables.gains(result.gains());
    if (!gains.isEmpty()) {
      page.section("Gains", "one", Page.text(gains.text()));
    }
    TextTable choices = StudyTables.choices(result);
    if (!choices.isEmpty()) {
      page.section("Sweeps", "one", Page.text(choices.text()));
    }
    Component[] curves = curves();
    if (curves.length > 0) {
      page.section("Learning curves", "thirds", curves);
    }
    List<Component> pictures = new ArrayList<>();
    for (StudySpec.Pretraining each : spec.pretraining()) {
      Path run = Path.of(plan.from(each));
      if (!Reconstructions.of(run).isEmpty()) {
        pictures.add(Reconstructions.show(run));
      }
    }
    if (!pictures.isEmpty()) {
      page.section("Reconstructions", "one", pictures.toArray(new Component[0]));
    }
    if (through) {
      StudyPictures looked = StudyPictures.of(spec, plan, datasets);
      page.section("Experts", "one", looked.experts());
      page.section("Features", "thirds", looked.maps());
    }
    page.section("Study", "one", Page.text(Specs.yaml(spec)));
    return page.html();
  }

  private String subtitle(int cells) {
    return String.format(
        Locale.ROOT,
        "%d cells: %s by %d arms, seeds %s; mean and standard deviation over the seeds",
        cells,
        String.join(", ", spec.targets().stream().map(Target::name).toList()),
        spec.arms().size(),
        spec.seeds());
  }

  /**
   * What every arm gains over the first one, with how well it is known. Where there are many, the
   * table says it: a choice among them by their test accuracy would flatter the one that is chosen.
   */
  private Tiles tiles() {
    Tiles tiles = Tiles.wide();
    List<StudyResult.Gain> gains = StudyTables.overTheFirst(result);
    if (gains.size() > MOST_TILES) {
      return tiles;
    }
    for (StudyResult.Gain gain : gains) {
      String name =
          gain.target() + ", " + Cell.labels(gain.labels()) + " of the labels: " + gain.arm();
      String value = String.format(Locale.ROOT, "%+.1f points", 100 * gain.mean());
      String against = "against " + gain.against() + "; ";
      Double low = gain.low();
      Double high = gain.high();
      if (low == null || high == null) {
        tiles.addUncertain(name, value, against + "one seed, so no interval");
      } else {
        tiles.add(
            name,
            value,
            String.format(
                Locale.ROOT,
                "%s95\u00a0%% interval %+.1f to %+.1f, %d seeds",
                against,
                100 * low,
                100 * high,
                gain.seeds().size()));
      }
    }
    return tiles;
  }

  private ErrorBars accuracy(Target target) {
    List<StudySpec.Fraction> fractions =
        target.fractions().stream()
            .sorted(Comparator.comparingDouble(StudySpec.Fraction::labels))
            .toList();
    ErrorBars chart =
        ErrorBars.of(
            "Test accuracy, " + target.name(),
            "share of the labels",
            fractions.stream().map(f -> Cell.labels(f.labels())).toList());
    for (String arm : result.arms()) {
      List<ErrorBars.Point> points = new ArrayList<>();
      for (int i = 0; i < fractions.size(); i++) {
        StudyResult.Row row =
            result.row(target.name(), fractions.get(i).labels(), arm).orElse(null);
        if (row != null) {
          Double deviation = row.deviation();
          points.add(
              new ErrorBars.Point(i, row.mean(), deviation == null ? Double.NaN : deviation));
        }
      }
      chart.series(arm, points);
    }
    return chart;
  }

  private Component[] curves() {
    List<Component> charts = new ArrayList<>();
    for (Target target : spec.targets()) {
      for (StudySpec.Fraction fraction : target.fractions()) {
        LineChart chart =
            LineChart.of(
                (isValidated(target, fraction) ? "Validation accuracy, " : "Test accuracy, ")
                    + target.name()
                    + ", "
                    + Cell.labels(fraction.labels()),
                "step");
        boolean curved = false;
        for (String arm : result.arms()) {
          List<LineChart.Point> points = curve(target, fraction, arm);
          chart.line(arm, points);
          curved |= points.size() > 1;
        }
        // What was tested once is in the table; one point makes no curve.
        if (curved) {
          charts.add(chart);
        }
      }
    }
    return charts.toArray(new Component[0]);
  }

  /** Whether there are validation images, which are then what is looked at after every epoch. */
  private boolean isValidated(Target target, StudySpec.Fraction fraction) {
    return outcomes.entrySet().stream()
        .filter(e -> e.getKey().target().equals(target) && e.getKey().fraction().equals(fraction))
        .anyMatch(e -> e.getValue().validationAccuracy() != null);
  }

  /** The mean over the seeds, at every step after which they have been looked at. */
  private List<LineChart.Point> curve(Target target, StudySpec.Fraction fraction, String arm) {
    boolean validated = isValidated(target, fraction);
    Map<Long, List<Double>> bySteps = new TreeMap<>();
    for (Cell cell : outcomes.keySet()) {
      Path run = Objects.requireNonNull(plan.directory(cell));
      if (cell.target().equals(target)
          && cell.fraction().equals(fraction)
          && cell.column(spec).equals(arm)
          && Files.isRegularFile(run.resolve("run.yaml"))
          && RunDirectory.open(run).run().probe() == null) {
        for (TrainingListener.Epoch epoch : RunDirectory.open(run).epochs()) {
          double accuracy = validated ? epoch.validationAccuracy() : epoch.testAccuracy();
          if (!Double.isNaN(accuracy)) {
            bySteps.computeIfAbsent(epoch.step(), absent -> new ArrayList<>()).add(accuracy);
          }
        }
      }
    }
    return bySteps.entrySet().stream()
        .map(
            e ->
                new LineChart.Point(
                    e.getKey(),
                    e.getValue().stream().mapToDouble(a -> a).average().orElse(Double.NaN)))
        .toList();
  }
}
