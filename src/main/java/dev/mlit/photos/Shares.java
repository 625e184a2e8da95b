package dev.mlit.photos;

import java.util.List;
import java.util.Locale;

/**
 * Which share of the images is tested and validated on, where a dataset has no such parts.
 *
 * @param test {@code data.test-fraction}; NaN where there is a test part
 * @param validation {@code data.validation-fraction}; 0 for none
 * @param labels {@code data.label-fraction}; 1 to train on all that are left
 * @param train images that are trained on, about
 * @param text says so
 */
record Shares(double test, double validation, double labels, int train, String text) {
  private static final double TEST = 0.2;
  private static final double VALIDATION = 0.1;

  /** Images whose test fits in a minute of training, and those that are looked at now and then. */
  private static final double TESTED_A_MINUTE = 500;

  private static final double VALIDATED_A_MINUTE = 200;

  /** Of the time, what reading images to train on may take, and those to test on. */
  private static final double READING = 0.25;

  private static final double READING_TESTED = 0.1;

  /** With fewer images to train on in the middle class, each that is not trained on is missed. */
  private static final int FEWEST = 5;

  static Shares of(Survey survey, double minutes) {
    int images = survey.trainImages();
    double seconds = 60 * minutes / Math.max(survey.reading(), 1e-9);
    double tested = Math.min(TESTED_A_MINUTE * minutes, READING_TESTED * seconds);
    double test = survey.cutsTest() ? share(TEST, tested, images) : Double.NaN;
    double left = survey.cutsTest() ? 1 - test : 1;
    boolean enough = survey.typicalClass() * left >= FEWEST;
    boolean cutsValidation = survey.validation().isEmpty() && enough;
    double validation =
        cutsValidation ? share(VALIDATION, VALIDATED_A_MINUTE * minutes, images * left) : 0;
    double whole = left * (1 - validation);
    double labels = share(1, READING * seconds, images * whole);
    int train = count(survey.train(), whole * labels);
    String text =
        text(survey, test, validation, enough)
            + (labels < 1
                ? ", "
                    + percent(labels)
                    + " of the rest to train on, as more cannot be read in time"
                : "");
    return new Shares(test, validation, labels, train, text);
  }

  /** The usual share, or less so that there are not more images than there is time for. */
  private static double share(double usual, double most, double images) {
    double share = Math.min(usual, Math.max(most, 1) / images);
    // Two digits are read more easily.
    double digits = Math.pow(10, 1 - Math.floor(Math.log10(share)));
    return Math.round(share * digits) / digits;
  }

  private static int count(List<Integer> classes, double share) {
    return (int) classes.stream().mapToLong(n -> Math.max(1, Math.round(n * share))).sum();
  }

  private static String text(Survey survey, double test, double validation, boolean enough) {
    String tested =
        survey.cutsTest()
            ? percent(test) + " of every class to test on, once, at the end"
            : String.format(Locale.ROOT, "its own %,d to test on", Survey.sum(survey.test()));
    if (!survey.validation().isEmpty()) {
      return tested
          + String.format(Locale.ROOT, ", its own %,d to watch", Survey.sum(survey.validation()));
    }
    return tested
        + (enough
            ? ", " + percent(validation) + " of the others to watch"
            : ", none to watch, as classes are small");
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, share < 0.01 ? "%.2f %%" : "%.0f %%", 100 * share);
  }
}
