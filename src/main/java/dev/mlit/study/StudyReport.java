package dev.mlit.study;

import dev.mlit.data.Dataset;
import dev.mlit.report.Component;
import dev.mlit.report.ErrorBars;
import dev.mlit.report.LineChart;
import dev.mlit.report.Page;
import dev.mlit.report.Tiles;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.Specs;
import dev.mlit.spec.StudySpec;
import dev.mlit.spec.StudySpec.ArmKind;
import dev.mlit.spec.StudySpec.Target;
import dev.mlit.train.Reconstructions;
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
    page.section("Table", "one", Page.text(result.text()));
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

  /** For every target and share of labels, the best of fine-tuning against scratch. */
  private Tiles tiles() {
    Tiles tiles = Tiles.none();
    for (Target target : spec.targets()) {
      for (StudySpec.Fraction fraction : target.fractions()) {
        StudyResult.Row scratch = result.row(target.name(), fraction.labels(), "scratch");
        StudyResult.Row best =
            result.arms().stream()
                .filter(arm -> arm.startsWith(ArmKind.FINE_TUNE.text()))
                .map(arm -> result.row(target.name(), fraction.labels(), arm))
                .filter(Objects::nonNull)
                .max(Comparator.comparingDouble(StudyResult.Row::mean))
                .orElse(null);
        if (best != null && scratch != null) {
          tiles.add(
              target.name() + ", " + Cell.labels(fraction.labels()) + " of the labels",
              String.format(Locale.ROOT, "%+.1f points", 100 * (best.mean() - scratch.mean())),
              String.format(
                  Locale.ROOT,
                  "%s %.1f %%, scratch %.1f %%",
                  best.arm(),
                  100 * best.mean(),
                  100 * scratch.mean()));
        }
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
        StudyResult.Row row = result.row(target.name(), fractions.get(i).labels(), arm);
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
                "Test accuracy, " + target.name() + ", " + Cell.labels(fraction.labels()), "step");
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

  /** The mean over the seeds that have been tested at a step. */
  private List<LineChart.Point> curve(Target target, StudySpec.Fraction fraction, String arm) {
    Map<Long, List<Double>> bySteps = new TreeMap<>();
    for (Cell cell : outcomes.keySet()) {
      Path run = plan.directory(cell);
      if (cell.target().equals(target)
          && cell.fraction().equals(fraction)
          && cell.column(spec).equals(arm)
          && Files.isRegularFile(run.resolve("run.yaml"))
          && RunDirectory.open(run).run().probe() == null) {
        for (TrainingListener.Epoch epoch : RunDirectory.open(run).epochs()) {
          bySteps
              .computeIfAbsent(epoch.step(), absent -> new ArrayList<>())
              .add(epoch.testAccuracy());
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
