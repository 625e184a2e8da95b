package dev.mlit.insight;

import dev.mlit.data.Confusion;
import dev.mlit.data.Dataset;
import dev.mlit.report.Page;
import dev.mlit.report.Pictures;
import dev.mlit.report.Reliability;
import dev.mlit.report.Table;
import dev.mlit.report.Tiles;
import dev.mlit.savedmodel.Evaluation;
import dev.mlit.savedmodel.Evaluation.Calibration;
import dev.mlit.savedmodel.Evaluation.ClassScores;
import dev.mlit.savedmodel.Evaluation.MacroAverages;
import dev.mlit.savedmodel.Evaluation.Mistake;
import dev.mlit.spec.ImageShape;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The page of an evaluation.
 *
 * @param dataset whose test images were classified
 * @param notes what a reader should know, a line each
 * @param footer what stands below everything
 */
record EvaluationPage(
    String title, Evaluation evaluation, Dataset dataset, List<String> notes, String footer) {
  private static final int MISTAKES = 32;

  /** Of the pictures of mistakes: no larger than they are shown. */
  private static final int MOST_PIXELS = 160;

  /** A table of more classes is shown when a reader asks for it. */
  private static final int CLASSES_OPEN = 30;

  /** The page as HTML. */
  String html() {
    List<ClassScores> classes = evaluation.classes();
    Confusion confusion = new Confusion(evaluation.confusion());
    ClassCharts charts =
        new ClassCharts(classes.stream().map(ClassScores::label).toList(), confusion);
    int measured = confusion.measured().size();
    String subtitle =
        number("%,d images of ", evaluation.examples())
            + (measured < classes.size()
                ? number("%,d of the model's %,d classes", measured, classes.size())
                : number("%,d classes", measured));
    Page page = Page.of(title, subtitle, percent(evaluation.accuracy()) + " right").add(tiles());
    String known = String.join("\n", notes);
    if (!known.isEmpty()) {
      page.add(Page.text(known));
    }
    page.section(
        "Classes",
        "wide-narrow",
        Page.stack(charts.matrix(), scores(classes)),
        Page.stack(charts.accuracies(), charts.confusions()));
    page.section("Calibration", "halves", reliability(), calibration());
    if (!evaluation.worstMistakes().isEmpty()) {
      page.section("Worst mistakes", "one", mistakes());
    }
    return page.footer(footer).html();
  }

  private Tiles tiles() {
    MacroAverages macro = evaluation.macro();
    Calibration calibration = evaluation.calibration();
    Tiles tiles = Tiles.none().add("Accuracy", percent(evaluation.accuracy()), "of all images");
    if (Double.isFinite(evaluation.topFiveAccuracy())) {
      tiles.add(
          "Top-5 accuracy", percent(evaluation.topFiveAccuracy()), "one of the five likeliest");
    }
    return tiles
        .add("Loss", number("%.4f", evaluation.loss()), "cross-entropy")
        .add("Macro F1", number("%.4f", macro.f1()), "mean of the classes")
        .add("Macro precision", number("%.4f", macro.precision()), "mean of the classes")
        .add("Macro recall", number("%.4f", macro.recall()), "balanced accuracy")
        .add(
            "Calibration error",
            number("%.4f", calibration.error()),
            calibration.confidence() > evaluation.accuracy() ? "too sure" : "too unsure");
  }

  private Table scores(List<ClassScores> classes) {
    Table table =
        Table.of(
            "Every class, the lowest F1 first",
            List.of("class", "images", "predicted", "precision", "recall", "F1"));
    classes.stream()
        .filter(scores -> scores.examples() > 0 || scores.predicted() > 0)
        .sorted(
            Comparator.comparing((ClassScores scores) -> scores.examples() == 0)
                .thenComparingDouble(ClassScores::f1))
        .forEach(
            scores ->
                table.row(
                    scores.label(),
                    List.of(
                        new Table.Cell(scores.examples(), number("%,d", scores.examples())),
                        new Table.Cell(scores.predicted(), number("%,d", scores.predicted())),
                        score(scores.precision()),
                        score(scores.recall()),
                        score(scores.f1()))));
    return classes.size() <= CLASSES_OPEN ? table.open() : table;
  }

  private static Table.Cell score(double value) {
    return new Table.Cell(value, number("%.4f", value));
  }

  private Reliability reliability() {
    Reliability reliability =
        Reliability.of(
            "Reliability",
            "Of the images that are given a probability, the share that is right should be as high");
    evaluation
        .calibration()
        .bins()
        .forEach(
            bin ->
                reliability.bin(
                    bin.lower(), bin.upper(), bin.examples(), bin.accuracy(), bin.confidence()));
    return reliability;
  }

  private Table calibration() {
    Calibration calibration = evaluation.calibration();
    Table table =
        Table.of(
                number(
                    "Expected calibration error %.4f: mean probability %.4f, accuracy %.4f",
                    calibration.error(), calibration.confidence(), evaluation.accuracy()),
                List.of("probability", "images", "mean probability", "right"))
            .open();
    for (Evaluation.Bin bin : calibration.bins()) {
      boolean empty = bin.examples() == 0;
      table.row(
          number("%.3f to %.3f", bin.lower(), bin.upper()),
          List.of(
              new Table.Cell(bin.examples(), number("%,d", bin.examples())),
              new Table.Cell(bin.confidence(), empty ? "" : number("%.4f", bin.confidence())),
              new Table.Cell(bin.accuracy(), empty ? "" : number("%.4f", bin.accuracy()))));
    }
    return table;
  }

  /** In the proportions of the dataset's images, which people judge them by. */
  private Pictures mistakes() {
    ImageShape shape = dataset.shape();
    double scale = Math.min(1, MOST_PIXELS / (double) Math.max(shape.height(), shape.width()));
    ImageShape shown =
        new ImageShape(
            Math.max(1, (int) Math.round(scale * shape.height())),
            Math.max(1, (int) Math.round(scale * shape.width())),
            shape.channels());
    Dataset images = dataset.resizedTo(shown);
    Pictures pictures = Pictures.none();
    List<Mistake> worst = evaluation.worstMistakes();
    for (Mistake mistake : worst.subList(0, Math.min(MISTAKES, worst.size()))) {
      byte[] pixels = new byte[shown.values()];
      images.test().pixels(mistake.index(), pixels, 0);
      pictures.add(
          pixels,
          shown.height(),
          shown.width(),
          shown.channels(),
          mistake.label(),
          number("taken for %s, %.1f\u00a0%%", mistake.predicted(), 100 * mistake.probability()),
          mistake.file().orElse("image " + mistake.index()));
    }
    return pictures;
  }

  private static String percent(double share) {
    return number("%.2f %%", 100 * share);
  }

  private static String number(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
