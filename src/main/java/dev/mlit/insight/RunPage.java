package dev.mlit.insight;

import dev.mlit.model.RouterLoad;
import dev.mlit.report.Bars;
import dev.mlit.report.Component;
import dev.mlit.report.ConfusionMatrix;
import dev.mlit.report.LineChart;
import dev.mlit.report.Page;
import dev.mlit.report.Pictures;
import dev.mlit.report.Shares;
import dev.mlit.report.Table;
import dev.mlit.report.Tiles;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.ProbeSpec;
import dev.mlit.spec.Specs;
import dev.mlit.tensorflow.Versions;
import dev.mlit.train.BestEpoch;
import dev.mlit.train.EpochChoice;
import dev.mlit.train.Predictions;
import dev.mlit.train.Predictions.Part;
import dev.mlit.train.TrainingListener.Epoch;
import dev.mlit.train.TrainingListener.Start;
import dev.mlit.train.TrainingListener.Step;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The page of a run: what it shows of the numbers that {@link RunReport} has collected.
 *
 * @param run what was known at its start
 * @param epochs that are done, at least one
 * @param steps some of them
 * @param tested the validation or test images that were last classified; null for an autoencoder
 * @param note what a reader should know of its choices; empty if there is nothing to say
 */
record RunPage(
    Start run, List<Epoch> epochs, List<Step> steps, @Nullable Predictions tested, String note) {
  private static final int MISTAKES = 24;
  private static final int CLASSES_LISTED = 30;
  private static final int CONFUSIONS_LISTED = 10;

  /**
   * The page as HTML.
   *
   * @param status of the run, in a few words
   */
  String html(String status) {
    String subtitle =
        String.format(
            Locale.ROOT,
            "%s, %,d parameters · %s, %,d images to train on, %s%,d to test on",
            run.run().model().name(),
            run.parameters(),
            run.dataset(),
            run.trainImages(),
            validates() ? number("%,d to validate on, ", run.validationImages()) : "",
            run.testImages());
    Page page = Page.of(run.run().name(), subtitle, status).add(tiles());
    if (!note.isEmpty()) {
      page.add(Page.text(note));
    }
    if (run.run().probe() == null) {
      page.section("Training", "thirds", charts());
    }
    if (tested == null) {
      page.section("Reconstructions", "one", Reconstructions.show(run.directory()));
      page.section("Experts", "one", experts());
    } else {
      page.section(
          validates() ? "Classes of the " + tested.part().text() + " images" : "Classes",
          "wide-narrow",
          new ConfusionMatrix(run.labels(), tested.confusion()),
          Page.stack(classes(tested), confusions(tested)));
      page.section("Experts", "one", experts());
      List<Integer> mistakes = tested.worstMistakes(MISTAKES);
      if (!mistakes.isEmpty()) {
        page.section("Worst mistakes", "one", mistakes(tested, mistakes));
      }
    }
    page.section("Numbers", "one", numbers());
    page.section("The run", "one", Page.text(Specs.yaml(run.run())));
    return page.footer(footer()).html();
  }

  private String footer() {
    Versions with = Versions.current();
    return number(
        "%s · seed %d · mlit %s, TensorFlow %s, Java %s, %s, %d cores",
        run.directory(),
        run.run().training().seed(),
        with.mlit(),
        with.tensorflow(),
        with.java(),
        with.system(),
        with.processors());
  }

  private boolean validates() {
    return run.validationImages() > 0;
  }

  private Epoch last() {
    return epochs.get(epochs.size() - 1);
  }

  private Tiles tiles() {
    RunFeatures features = new RunFeatures(run.run(), epochs);
    ProbeSpec probe = run.run().probe();
    if (probe != null) {
      Tiles tiles = features.probe(probe);
      features.addNeighbours(tiles);
      return tiles;
    }
    Epoch last = last();
    Tiles tiles = Tiles.none();
    boolean isTested = !Double.isNaN(last.testLoss());
    if (tested == null) {
      if (isTested) {
        tiles.add("Test error", number("%.4f", last.testLoss()), "mean square, hidden patches");
      }
      validation(tiles, "Validation error", e -> number("%.4f", e.validationLoss()));
    } else {
      if (isTested) {
        tiles.add("Test accuracy", percent(last.testAccuracy()), "after epoch " + last.epoch());
      }
      validation(tiles, "Validation accuracy", e -> percent(e.validationAccuracy()));
      tiles
          .add("Train accuracy", percent(last.trainAccuracy()), "in epoch " + last.epoch())
          .add(
              isTested ? "Test loss" : "Validation loss",
              number("%.4f", isTested ? last.testLoss() : last.validationLoss()),
              "cross-entropy");
    }
    features.addNeighbours(tiles);
    return tiles
        .add(
            "Steps",
            number("%,d", last.step()),
            number("of %,d", run.steps()) + ", batch " + run.run().training().batch())
        .add(
            "Time",
            Durations.text(last.seconds()),
            number("%.0f images per second", last.imagesPerSecond()));
  }

  /** The last epoch and the best one, where there are images to choose it on. */
  private void validation(Tiles tiles, String name, Function<Epoch, String> value) {
    Optional<Epoch> best = BestEpoch.of(epochs, EpochChoice.BEST);
    if (best.isPresent()) {
      tiles
          .add(name, value.apply(last()), "after epoch " + last().epoch())
          .add(
              "Best " + name.toLowerCase(Locale.ROOT),
              value.apply(best.get()),
              "after epoch " + best.get().epoch());
    }
  }

  private Component[] charts() {
    String x = "epoch";
    LineChart loss =
        LineChart.of("Loss", x)
            .faintLine("steps", steps(Step::loss))
            .line("train", epochs(Epoch::trainLoss));
    measured(loss, Epoch::validationLoss, Epoch::testLoss);
    LineChart accuracy = LineChart.of("Accuracy", x).line("train", epochs(Epoch::trainAccuracy));
    measured(accuracy, Epoch::validationAccuracy, Epoch::testAccuracy);
    LineChart rate = rates(x);
    LineChart norm =
        LineChart.of("Gradient norm", x)
            .logarithmic()
            .line("before clipping", steps(Step::gradientNorm));
    double clip = run.run().optimizer().clipNorm();
    if (clip > 0) {
      norm.mark("clipped above " + number("%s", clip), clip);
    }
    LineChart balance =
        LineChart.of("Balance loss", x).line("all blocks", steps(Step::balanceLoss));
    LineChart speed =
        LineChart.of("Images per second", x).line("training", epochs(Epoch::imagesPerSecond));
    List<Component> charts = new ArrayList<>(List.of(loss));
    if (tested != null) {
      charts.add(accuracy);
    }
    new RunFeatures(run.run(), epochs).chart(run.stepsPerEpoch()).ifPresent(charts::add);
    charts.addAll(List.of(rate, norm, balance, speed));
    return charts.toArray(new Component[0]);
  }

  /** Adds a line for each part that was looked at. */
  private void measured(
      LineChart chart, ToDoubleFunction<Epoch> validation, ToDoubleFunction<Epoch> test) {
    if (validates()) {
      chart.line("validation", epochs(validation));
    }
    if (epochs.stream().anyMatch(e -> Double.isFinite(test.applyAsDouble(e)))) {
      chart.line("test", epochs(test));
    }
  }

  private LineChart rates(String x) {
    OptimizerSpec optimizer = run.run().optimizer();
    LineChart rates = LineChart.of("Learning rate", x);
    if (!optimizer.isMuon()) {
      return rates.line("rate", steps(Step::learningRate));
    }
    double muon = optimizer.muonRate() / optimizer.learningRate();
    return rates
        .line("Muon", steps(step -> muon * step.learningRate()))
        .line("AdamW", steps(Step::learningRate));
  }

  private List<LineChart.Point> epochs(ToDoubleFunction<Epoch> value) {
    double each = run.stepsPerEpoch();
    return epochs.stream()
        .map(e -> new LineChart.Point(e.step() / each, value.applyAsDouble(e)))
        .toList();
  }

  private List<LineChart.Point> steps(ToDoubleFunction<Step> value) {
    double each = run.stepsPerEpoch();
    return steps.stream()
        .map(s -> new LineChart.Point(s.step() / each, value.applyAsDouble(s)))
        .toList();
  }

  private Bars classes(Predictions tested) {
    int[][] counts = tested.confusion();
    record Share(int label, int hits, int images) {
      double share() {
        return hits / (double) images;
      }
    }
    // One without images is not the worst: nothing is known of it.
    List<Share> worstFirst =
        IntStream.range(0, counts.length)
            .mapToObj(i -> new Share(i, counts[i][i], IntStream.of(counts[i]).sum()))
            .filter(share -> share.images > 0)
            .sorted(Comparator.comparingDouble(Share::share))
            .toList();
    int without = counts.length - worstFirst.size();
    int listed = Math.min(CLASSES_LISTED, worstFirst.size());
    Bars bars =
        Bars.of(
            "Accuracy by class",
            (listed < worstFirst.size()
                    ? "The worst " + listed + " of " + worstFirst.size() + " classes"
                    : "The worst class first")
                + (without == 0 ? "" : "; " + without + " without images to measure on"));
    for (Share shown : worstFirst.subList(0, listed)) {
      bars.bar(
          run.labels().get(shown.label),
          shown.share(),
          number("%.1f %%", 100 * shown.share()) + " of " + shown.images);
    }
    return bars;
  }

  private Bars confusions(Predictions tested) {
    int[][] counts = tested.confusion();
    record Pair(int label, int predicted, int images, int all) {}
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      int all = IntStream.of(counts[i]).sum();
      for (int j = 0; j < counts.length; j++) {
        if (i != j && counts[i][j] > 0) {
          pairs.add(new Pair(i, j, counts[i][j], all));
        }
      }
    }
    pairs.sort(Comparator.comparingInt((Pair p) -> -p.images));
    Bars bars = Bars.of("Most often confused", "Share of the images of the first class");
    for (Pair pair : pairs.subList(0, Math.min(CONFUSIONS_LISTED, pairs.size()))) {
      bars.bar(
          run.labels().get(pair.label) + " → " + run.labels().get(pair.predicted),
          pair.images / (double) pair.all,
          pair.images + " images");
    }
    return bars;
  }

  private Shares experts() {
    Shares shares =
        Shares.of(
            "Expert load",
            "Share of the "
                + (validates() ? Part.VALIDATION : Part.TEST).text()
                + " images' tokens by expert, block by block; equal widths are a perfect balance, a"
                + " quarter of that or less is marked. Entropy of a token's gates in nats.");
    for (RouterLoad block : last().measuredRouting()) {
      shares.row("block " + block.block(), block.tokens(), number("entropy %.2f", block.entropy()));
    }
    return shares;
  }

  private Pictures mistakes(Predictions tested, List<Integer> mistakes) {
    Pictures pictures = Pictures.none();
    int height = tested.data().shape().height();
    int width = tested.data().shape().width();
    int channels = tested.data().shape().channels();
    for (int image : mistakes) {
      byte[] pixels = new byte[tested.data().shape().values()];
      tested.images().pixels(image, pixels, 0);
      pictures.add(
          pixels,
          height,
          width,
          channels,
          run.labels().get(tested.label(image)),
          number(
              "taken for %s, %.1f\u00a0%%",
              run.labels().get(tested.predicted(image)), 100 * tested.confidence(image)),
          tested.part().text() + " image " + image);
    }
    return pictures;
  }

  private Table numbers() {
    List<String> columns = new ArrayList<>(List.of("epoch", "step", "train loss"));
    columns.add("train accuracy");
    if (validates()) {
      columns.addAll(List.of("validation loss", "validation accuracy"));
    }
    columns.addAll(List.of("test loss", "test accuracy", "images/s", "seconds"));
    Table table = Table.of("Every epoch", columns);
    for (Epoch e : epochs) {
      List<Table.Cell> row = new ArrayList<>();
      row.add(new Table.Cell(e.epoch(), number("%d", e.epoch())));
      row.add(new Table.Cell(e.step(), number("%,d", e.step())));
      row.add(measure(e.trainLoss()));
      row.add(measure(e.trainAccuracy()));
      if (validates()) {
        row.add(measure(e.validationLoss()));
        row.add(measure(e.validationAccuracy()));
      }
      row.add(measure(e.testLoss()));
      row.add(measure(e.testAccuracy()));
      row.add(new Table.Cell(e.imagesPerSecond(), number("%.0f", e.imagesPerSecond())));
      row.add(new Table.Cell(e.seconds(), number("%.0f", e.seconds())));
      table.row(row);
    }
    return table;
  }

  /** Nothing where it was not measured. */
  private static Table.Cell measure(double value) {
    return new Table.Cell(value, Double.isNaN(value) ? "" : number("%.4f", value));
  }

  private static String percent(double share) {
    return number("%.2f %%", 100 * share);
  }

  private static String number(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
