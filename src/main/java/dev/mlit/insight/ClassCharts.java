package dev.mlit.insight;

import dev.mlit.data.Confusion;
import dev.mlit.report.Bars;
import dev.mlit.report.ConfusionMatrix;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Charts of how images of each class were classified.
 *
 * @param labels the names of the classes
 * @param confusion what they were taken for
 */
record ClassCharts(List<String> labels, Confusion confusion) {
  private static final int CLASSES_LISTED = 30;
  private static final int CONFUSIONS_LISTED = 10;

  /** Of the classes that have images or were predicted: the others have nothing to show. */
  ConfusionMatrix matrix() {
    List<Integer> seen = confusion.seen();
    return new ConfusionMatrix(seen.stream().map(labels::get).toList(), confusion.of(seen));
  }

  /** The accuracy by class, the worst ones first. */
  Bars accuracies() {
    // One without images is not the worst: nothing is known of it.
    List<Integer> worstFirst =
        confusion.measured().stream()
            .sorted(Comparator.comparingDouble(confusion::recall))
            .toList();
    int without = confusion.classes() - worstFirst.size();
    int listed = Math.min(CLASSES_LISTED, worstFirst.size());
    Bars bars =
        Bars.of(
            "Accuracy by class",
            (listed < worstFirst.size()
                    ? "The worst " + listed + " of " + worstFirst.size() + " classes"
                    : "The worst class first")
                + (without == 0 ? "" : "; " + without + " without images to measure on"));
    for (int shown : worstFirst.subList(0, listed)) {
      bars.bar(
          labels.get(shown),
          confusion.recall(shown),
          String.format(
              Locale.ROOT,
              "%.1f %% of %d",
              100 * confusion.recall(shown),
              confusion.images(shown)));
    }
    return bars;
  }

  /** The pairs of classes that are confused most often. */
  Bars confusions() {
    Bars bars = Bars.of("Most often confused", "Share of the images of the first class");
    for (Confusion.Pair pair : confusion.pairs(CONFUSIONS_LISTED)) {
      bars.bar(
          labels.get(pair.label()) + " → " + labels.get(pair.predicted()),
          pair.images() / (double) confusion.images(pair.label()),
          pair.images() + (pair.images() == 1 ? " image" : " images"));
    }
    return bars;
  }
}
