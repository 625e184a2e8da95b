package dev.mlit.train;

import dev.mlit.graph.RouterLoad;
import dev.mlit.graph.Versions;
import dev.mlit.report.Bars;
import dev.mlit.report.Component;
import dev.mlit.report.ConfusionMatrix;
import dev.mlit.report.LineChart;
import dev.mlit.report.Page;
import dev.mlit.report.Pictures;
import dev.mlit.report.Shares;
import dev.mlit.report.Table;
import dev.mlit.report.Tiles;
import dev.mlit.spec.Specs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@code report.html}: curves, learning rate, confusion matrix, accuracy by class, what the
 * experts do, the worst mistakes, and the run. It is one file that needs no network, written anew
 * after an epoch, at most every ten seconds, and when the run is through.
 */
public final class RunReport implements TrainingListener {
  private static final double SECONDS_BETWEEN = 10;
  private static final int MISTAKES = 24;
  private static final int CLASSES_LISTED = 30;
  private static final int CONFUSIONS_LISTED = 10;

  private final @Nullable Path file;
  private @Nullable Start start;
  private @Nullable Predictions predictions;
  private final List<Epoch> epochs = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private @Nullable Stopwatch sinceLast;

  private RunReport(@Nullable Path file) {
    this.file = file;
  }

  /** A report in the run directory; every run has one already. */
  public static RunReport html() {
    return new RunReport(null);
  }

  /** A report in a file of your own. */
  public static RunReport html(Path file) {
    return new RunReport(file);
  }

  @Override
  public void started(Start start) {
    this.start = start;
    epochs.addAll(start.history());
    if (start.step() > 0) {
      steps.addAll(MetricsFile.steps(RunDirectory.open(start.directory()).metrics()));
    }
  }

  @Override
  public void step(Step step) {
    if (MetricsFile.isKept(step)) {
      steps.add(step);
    }
  }

  @Override
  public void tested(Predictions predictions) {
    this.predictions = predictions;
  }

  @Override
  public void epoch(Epoch epoch) {
    epochs.add(epoch);
    Stopwatch last = sinceLast;
    if (start != null && (last == null || last.seconds() > SECONDS_BETWEEN)) {
      int all = start.run().training().epochs();
      write(String.format(Locale.ROOT, "training, epoch %d of %d done", epoch.epoch(), all));
      sinceLast = new Stopwatch(0);
    }
  }

  @Override
  public void ended(TrainingResult result, Optional<String> reason) {
    write(reason.map(why -> "ended early: " + why).orElse("done"));
  }

  private void write(String status) {
    Start run = start;
    Predictions tested = predictions;
    boolean complete = run != null && (tested != null || run.run().model().isAutoencoder());
    if (run == null || !complete || epochs.isEmpty()) {
      return;
    }
    Path target = file == null ? run.directory().resolve("report.html") : file;
    try {
      Durable.write(target, page(run, tested, status).html());
    } catch (IOException e) {
      throw WriteFailedException.of(target, e);
    }
  }

  private Page page(Start run, @Nullable Predictions tested, String status) {
    String subtitle =
        String.format(
            Locale.ROOT,
            "%s, %,d parameters · %s, %,d images to train on, %,d to test on",
            run.run().model().name(),
            run.parameters(),
            run.dataset(),
            run.trainImages(),
            run.testImages());
    Page page = Page.of(run.run().name(), subtitle, status).add(tiles(run));
    page.section("Training", "thirds", charts(run));
    if (tested == null) {
      page.section("Reconstructions", "one", Reconstructions.show(run.directory()));
    } else {
      classes(page, run, tested);
    }
    page.section("Experts", "one", experts());
    if (tested != null) {
      List<Integer> mistakes = tested.worstMistakes(MISTAKES);
      if (!mistakes.isEmpty()) {
        page.section("Worst mistakes", "one", mistakes(run, tested, mistakes));
      }
    }
    page.section("Numbers", "one", numbers());
    page.section("The run", "one", Page.text(Specs.yaml(run.run())));
    Versions with = Versions.current();
    return page.footer(
        number(
            "%s · seed %d · mlit %s, TensorFlow %s, Java %s, %s, %d cores",
            run.directory(),
            run.run().training().seed(),
            with.mlit(),
            with.tensorflow(),
            with.java(),
            with.system(),
            with.processors()));
  }

  private static void classes(Page page, Start run, Predictions tested) {
    page.section(
        "Classes",
        "wide-narrow",
        new ConfusionMatrix(run.labels(), tested.confusion()),
        () ->
            "<div class=\"one\">"
                + classes(run, tested).html()
                + confusions(run, tested).html()
                + "</div>");
  }

  private Epoch last() {
    return epochs.get(epochs.size() - 1);
  }

  private Tiles tiles(Start run) {
    Epoch last = last();
    Epoch best = BestEpoch.of(epochs).orElse(last);
    Tiles tiles = Tiles.none();
    if (run.run().model().isAutoencoder()) {
      tiles
          .add("Test error", number("%.4f", last.testLoss()), "mean square, hidden patches")
          .add("Best test error", number("%.4f", best.testLoss()), "after epoch " + best.epoch());
    } else {
      tiles
          .add("Test accuracy", percent(last.testAccuracy()), "after epoch " + last.epoch())
          .add("Best test accuracy", percent(best.testAccuracy()), "after epoch " + best.epoch())
          .add("Train accuracy", percent(last.trainAccuracy()), "in epoch " + last.epoch())
          .add("Test loss", number("%.4f", last.testLoss()), "cross-entropy");
    }
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

  private Component[] charts(Start run) {
    String x = "epoch";
    LineChart loss =
        LineChart.of("Loss", x)
            .faintLine("steps", steps(run, Step::loss))
            .line("train", epochs(run, Epoch::trainLoss))
            .line("test", epochs(run, Epoch::testLoss));
    LineChart accuracy =
        LineChart.of("Accuracy", x)
            .line("train", epochs(run, Epoch::trainAccuracy))
            .line("test", epochs(run, Epoch::testAccuracy));
    LineChart rate = LineChart.of("Learning rate", x).line("rate", steps(run, Step::learningRate));
    LineChart norm =
        LineChart.of("Gradient norm", x)
            .logarithmic()
            .line("before clipping", steps(run, Step::gradientNorm));
    double clip = run.run().optimizer().clipNorm();
    if (clip > 0) {
      norm.mark("clipped above " + number("%s", clip), clip);
    }
    LineChart balance =
        LineChart.of("Balance loss", x).line("all blocks", steps(run, Step::balanceLoss));
    LineChart speed =
        LineChart.of("Images per second", x).line("training", epochs(run, Epoch::imagesPerSecond));
    return run.run().model().isAutoencoder()
        ? new Component[] {loss, rate, norm, balance, speed}
        : new Component[] {loss, accuracy, rate, norm, balance, speed};
  }

  private List<LineChart.Point> epochs(Start run, ToDoubleFunction<Epoch> value) {
    double each = run.stepsPerEpoch();
    return epochs.stream()
        .map(e -> new LineChart.Point(e.step() / each, value.applyAsDouble(e)))
        .toList();
  }

  private List<LineChart.Point> steps(Start run, ToDoubleFunction<Step> value) {
    double each = run.stepsPerEpoch();
    return steps.stream()
        .map(s -> new LineChart.Point(s.step() / each, value.applyAsDouble(s)))
        .toList();
  }

  private static Bars classes(Start run, Predictions tested) {
    int[][] counts = tested.confusion();
    record Share(int label, int hits, int images) {
      double share() {
        return images == 0 ? 0 : hits / (double) images;
      }
    }
    List<Share> worstFirst =
        IntStream.range(0, counts.length)
            .mapToObj(i -> new Share(i, counts[i][i], IntStream.of(counts[i]).sum()))
            .sorted(Comparator.comparingDouble(Share::share))
            .toList();
    int listed = Math.min(CLASSES_LISTED, worstFirst.size());
    Bars bars =
        Bars.of(
            "Accuracy by class",
            listed < worstFirst.size()
                ? "The worst " + listed + " of " + worstFirst.size() + " classes"
                : "The worst class first");
    for (Share shown : worstFirst.subList(0, listed)) {
      bars.bar(
          run.labels().get(shown.label),
          shown.share(),
          number("%.1f %%", 100 * shown.share()) + " of " + shown.images);
    }
    return bars;
  }

  private static Bars confusions(Start run, Predictions tested) {
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
            "Share of the test images' tokens by expert, block by block; equal widths are a perfect"
                + " balance, a quarter of that or less is marked. Entropy of a token's gates in nats.");
    for (RouterLoad block : last().testRouting()) {
      shares.row("block " + block.block(), block.tokens(), number("entropy %.2f", block.entropy()));
    }
    return shares;
  }

  private static Pictures mistakes(Start run, Predictions tested, List<Integer> mistakes) {
    Pictures pictures = Pictures.none();
    int height = tested.data().shape().height();
    int width = tested.data().shape().width();
    int channels = tested.data().shape().channels();
    for (int image : mistakes) {
      byte[] pixels = new byte[tested.data().shape().values()];
      tested.data().test().pixels(image, pixels, 0);
      pictures.add(
          pixels,
          height,
          width,
          channels,
          run.labels().get(tested.label(image)),
          number(
              "taken for %s, %.1f\u00a0%%",
              run.labels().get(tested.predicted(image)), 100 * tested.confidence(image)),
          "test image " + image);
    }
    return pictures;
  }

  private Table numbers() {
    Table table =
        Table.of(
            "Every epoch",
            List.of(
                "epoch",
                "step",
                "train loss",
                "train accuracy",
                "test loss",
                "test accuracy",
                "images/s",
                "seconds"));
    for (Epoch e : epochs) {
      table.row(
          List.of(
              new Table.Cell(e.epoch(), number("%d", e.epoch())),
              new Table.Cell(e.step(), number("%,d", e.step())),
              new Table.Cell(e.trainLoss(), number("%.4f", e.trainLoss())),
              new Table.Cell(e.trainAccuracy(), share(e.trainAccuracy())),
              new Table.Cell(e.testLoss(), number("%.4f", e.testLoss())),
              new Table.Cell(e.testAccuracy(), share(e.testAccuracy())),
              new Table.Cell(e.imagesPerSecond(), number("%.0f", e.imagesPerSecond())),
              new Table.Cell(e.seconds(), number("%.0f", e.seconds()))));
    }
    return table;
  }

  private static String share(double share) {
    return Double.isNaN(share) ? "" : number("%.4f", share);
  }

  private static String percent(double share) {
    return number("%.2f %%", 100 * share);
  }

  private static String number(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
