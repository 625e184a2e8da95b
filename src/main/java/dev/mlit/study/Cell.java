package dev.mlit.study;

import dev.mlit.spec.StudySpec;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One run of a study.
 *
 * @param target the images
 * @param fraction of their labels
 * @param arm the way to train
 * @param pretraining what it starts from; null for scratch
 * @param seed of the run
 * @since 0.1.0
 */
public record Cell(
    StudySpec.Target target,
    StudySpec.Fraction fraction,
    StudySpec.Arm arm,
    StudySpec.@Nullable Pretraining pretraining,
    int seed) {

  /** The name of the run and of its directory, such as {@code cifar10-1pct-scratch-s1}. */
  public String name() {
    return group() + "-s" + seed;
  }

  /** What it has in common with the cells of other seeds, such as {@code cifar10-1pct-scratch}. */
  String group() {
    return target.name()
        + "-"
        + number(100 * fraction.labels())
        + "pct-"
        + arm.name()
        + (pretraining == null ? "" : "-" + pretraining.name());
  }

  /**
   * What the cells of a column share: the arm, and what it starts from where the study has several
   * of those.
   */
  String column(StudySpec study) {
    return pretraining == null || study.pretraining().size() == 1
        ? arm.name()
        : arm.name() + " from " + pretraining.name();
  }

  /** The share of the labels, such as {@code 1 %}. */
  public String labels() {
    return labels(fraction.labels());
  }

  static String labels(double share) {
    return number(100 * share) + " %";
  }

  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.4f", value);
    return text.replaceAll("\\.?0+$", "");
  }
}
