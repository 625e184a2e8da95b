package dev.mlit.cli;

import dev.mlit.data.Confusion;
import dev.mlit.savedmodel.Evaluation;
import dev.mlit.savedmodel.Evaluation.Calibration;
import dev.mlit.savedmodel.Evaluation.ClassScores;
import dev.mlit.savedmodel.Evaluation.MacroAverages;
import dev.mlit.savedmodel.Evaluation.Mistake;
import dev.mlit.spec.text.Printable;
import dev.mlit.spec.text.Shortened;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What {@code ./mlit evaluate} prints of a classifier: about a screen, however many classes. */
final class EvaluationText {
  /** Classes whose matrix is not wider than a terminal. */
  private static final int MATRIX = 10;

  private static final int CLASSES = 10;
  private static final int CONFUSIONS = 10;
  private static final int MISTAKES = 3;
  private static final int FILES = 3;

  /** Letters of the name of a class. */
  private static final int LONGEST = 24;

  private final Evaluation evaluation;
  private final Confusion confusion;
  private final List<ClassScores> classes;
  private final int width;
  private final List<String> lines = new ArrayList<>();

  private EvaluationText(Evaluation evaluation) {
    this.evaluation = evaluation;
    this.confusion = new Confusion(evaluation.confusion());
    this.classes = evaluation.classes();
    this.width = confusion.seen().stream().mapToInt(i -> name(i).length()).max().orElse(0);
  }

  /** The lines. */
  static List<String> of(Evaluation evaluation) {
    EvaluationText text = new EvaluationText(evaluation);
    text.addSummary();
    text.addClasses();
    if (text.confusion.seen().size() <= MATRIX) {
      text.addMatrix();
    } else {
      text.addConfusions();
    }
    text.addMistakes();
    return text.lines;
  }

  private void addSummary() {
    int measured = confusion.measured().size();
    add(
        "accuracy %.4f on %,d images%s",
        evaluation.accuracy(),
        evaluation.examples(),
        measured < classes.size()
            ? " of " + measured + " of its " + classes.size() + " classes"
            : "");
    strays(evaluation).ifPresent(lines::add);
    if (Double.isFinite(evaluation.topFiveAccuracy())) {
      add("top-5 accuracy %.4f", evaluation.topFiveAccuracy());
    }
    MacroAverages macro = evaluation.macro();
    add(
        "loss %.4f, macro precision %.4f, recall %.4f, F1 %.4f",
        evaluation.loss(), macro.precision(), macro.recall(), macro.f1());
    Calibration calibration = evaluation.calibration();
    add(
        "calibration error %.4f (%s: mean probability %.4f)",
        calibration.error(),
        calibration.confidence() > evaluation.accuracy() ? "too sure" : "too unsure",
        calibration.confidence());
  }

  /** Says what the classes without images were taken for; empty if nothing was. */
  static Optional<String> strays(Evaluation evaluation) {
    int strays = new Confusion(evaluation.confusion()).strays();
    return strays == 0
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "%,d image%s taken for classes that have no images here, which counts as wrong",
                strays,
                strays == 1 ? " was" : "s were"));
  }

  /** Says which image files were left out, at least one. */
  static String leftOut(List<String> files) {
    return String.format(
        Locale.ROOT,
        "%,d image file%s left out, as %s cannot be read: %s",
        files.size(),
        files.size() == 1 ? " is" : "s are",
        files.size() == 1 ? "it" : "they",
        Shortened.list(files, FILES));
  }

  private void addClasses() {
    List<Integer> worst = confusion.worstFirst();
    int shown = Math.min(CLASSES, worst.size());
    add("");
    add(
        row(),
        shown < worst.size() ? "worst " + shown + " of " + worst.size() : "class",
        "images",
        "precision",
        "recall",
        "F1");
    for (int i : worst.subList(0, shown)) {
      ClassScores scores = classes.get(i);
      add(
          row(),
          name(i),
          String.format(Locale.ROOT, "%,d", scores.examples()),
          score(scores.precision()),
          score(scores.recall()),
          score(scores.f1()));
    }
  }

  private String row() {
    return "%-" + Math.max(width + 3, "worst 10 of 1000".length()) + "s %8s  %9s  %6s  %6s";
  }

  private static String score(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  private void addMatrix() {
    List<Integer> seen = confusion.seen();
    int[][] counts = confusion.of(seen);
    add("");
    add("true classes, and what their images were taken for");
    StringBuilder head = new StringBuilder(" ".repeat(width + 2));
    int cell = 2 + String.valueOf(evaluation.examples()).length();
    for (int column : seen) {
      head.append(String.format(Locale.ROOT, "%" + cell + "d", column));
    }
    lines.add(head.toString());
    for (int i = 0; i < counts.length; i++) {
      if (confusion.images(seen.get(i)) == 0) {
        continue;
      }
      StringBuilder row =
          new StringBuilder(
              String.format(Locale.ROOT, "%d %-" + width + "s", seen.get(i), name(seen.get(i))));
      for (int count : counts[i]) {
        row.append(String.format(Locale.ROOT, "%" + cell + "s", count == 0 ? "." : "" + count));
      }
      lines.add(row.toString());
    }
  }

  private void addConfusions() {
    List<Confusion.Pair> pairs = confusion.pairs(CONFUSIONS);
    if (pairs.isEmpty()) {
      return;
    }
    add("");
    add("most often confused");
    for (Confusion.Pair pair : pairs) {
      add(
          "%-" + width + "s  taken for %-" + width + "s  %,6d of %,d",
          name(pair.label()),
          name(pair.predicted()),
          pair.images(),
          confusion.images(pair.label()));
    }
  }

  private void addMistakes() {
    List<Mistake> worst = evaluation.worstMistakes();
    if (worst.isEmpty()) {
      return;
    }
    add("");
    add("wrong and sure of it");
    for (Mistake mistake : worst.subList(0, Math.min(MISTAKES, worst.size()))) {
      add(
          "%.4f  %s taken for %s: %s",
          mistake.probability(),
          mistake.label(),
          mistake.predicted(),
          mistake.file().orElse("image " + mistake.index()));
    }
  }

  private String name(int label) {
    String name = Printable.line(classes.get(label).label());
    return name.length() > LONGEST ? name.substring(0, LONGEST - 1) + "…" : name;
  }

  private void add(String format, Object... values) {
    lines.add(Printable.line(String.format(Locale.ROOT, format, values)).stripTrailing());
  }
}
