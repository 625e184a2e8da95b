package dev.mlit.insight;

import dev.mlit.data.Confusion;
import dev.mlit.report.Pictures;
import dev.mlit.train.Predictions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Charts and pictures of how images were classified.
 *
 * @param tested the images
 * @param labels the names of the classes
 */
record PredictionCharts(Predictions tested, List<String> labels) {
  private static final int MISTAKES = 24;

  /** What is shown of the classes. */
  ClassCharts classes() {
    return new ClassCharts(labels, new Confusion(tested.confusion()));
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
