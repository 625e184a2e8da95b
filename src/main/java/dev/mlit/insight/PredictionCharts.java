package dev.mlit.insight;

import dev.mlit.report.Bars;
import dev.mlit.report.ConfusionMatrix;
import dev.mlit.report.Pictures;
import dev.mlit.train.Predictions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Charts and pictures of how images were classified.
 *
 * @param tested the images
 * @param labels the names of the classes
 */
record PredictionCharts(Predictions tested, List<String> labels) {
  private static final int MISTAKES = 24;
  private static final int CLASSES_LISTED = 30;
  private static final int CONFUSIONS_LISTED = 10;

  ConfusionMatrix confusionMatrix() {
    return new ConfusionMatrix(labels, tested.confusion());
  }

  /** The accuracy by class, the worst ones first. */
  Bars classes() {
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
          labels.get(shown.label),
          shown.share(),
          String.format(Locale.ROOT, "%.1f %%", 100 * shown.share()) + " of " + shown.images);
    }
    return bars;
  }

  /** The pairs of classes that are confused most often. */
  Bars confusions() {
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
          labels.get(pair.label) + " → " + labels.get(pair.predicted),
          pair.images / (double) pair.all,
          pair.images + " images");
    }
    return bars;
  }

  /**
   * The images that were classified wrongly with the highest confidence; empty if there are none.
   */
  Optional<Pictures> mistakes() {
    List<Integer> mistakes = tested.worstMistakes(MISTAKES);
    if (mistakes.isEmpty()) {
      return Optional.empty();
    }
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
          labels.get(tested.label(image)),
          String.format(
              Locale.ROOT,
              "taken for %s, %.1f\u00a0%%",
              labels.get(tested.predicted(image)),
              100 * tested.confidence(image)),
          tested.part().text() + " image " + image);
    }
    return Optional.of(pictures);
  }
}
