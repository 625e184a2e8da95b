package dev.mlit.insight;

import dev.mlit.model.RouterLoad;
import dev.mlit.report.Page;
import dev.mlit.report.Shares;
import dev.mlit.report.Table;
import dev.mlit.report.Tiles;
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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
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
      page.section(
          "Training", "thirds", new TrainingCharts(run, epochs, steps).all(tested != null));
    }
    if (tested == null) {
      page.section("Reconstructions", "one", Reconstructions.show(run.directory()));
      page.section("Experts", "one", experts());
    } else {
      PredictionCharts charts = new PredictionCharts(tested, run.labels());
      ClassCharts classes = charts.classes();
      page.section(
          validates() ? "Classes of the " + tested.part().text() + " images" : "Classes",
          "wide-narrow",
          classes.matrix(),
          Page.stack(classes.accuracies(), classes.confusions()));
      page.section("Experts", "one", experts());
      charts.mistakes().ifPresent(pictures -> page.section("Worst mistakes", "one", pictures));
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
