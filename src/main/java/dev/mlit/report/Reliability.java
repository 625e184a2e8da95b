package dev.mlit.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether probabilities can be believed, as SVG: for images of similar probability the share that
 * is right, which should be on the diagonal, and below it how many images there are.
 *
 * @since 0.1.0
 */
public final class Reliability implements Component {
  private static final int WIDTH = 480;
  private static final int LEFT = 48;
  private static final int RIGHT = 10;
  private static final int TOP = 10;
  private static final int BOTTOM = 300;
  private static final int COUNTS_TOP = 322;
  private static final int COUNTS_BOTTOM = 392;
  private static final int HEIGHT = 430;
  private static final double GAP = 1.5;
  private static final Scale UNIT = new Scale(0, 1, false);

  private final String title;
  private final String note;
  private final List<Bin> bins = new ArrayList<>();

  private Reliability(String title, String note) {
    this.title = title;
    this.note = note;
  }

  private record Bin(double lower, double upper, int images, double right, double confidence) {}

  /** A diagram without bins yet. */
  public static Reliability of(String title, String note) {
    return new Reliability(title, note);
  }

  /**
   * Adds the images of similar probability.
   *
   * @param lower the least probability, from 0 to 1
   * @param upper the highest
   * @param images how many there are; one without images is not drawn
   * @param right the share of them that is right
   * @param confidence their mean probability
   */
  public Reliability bin(double lower, double upper, int images, double right, double confidence) {
    bins.add(new Bin(lower, upper, images, right, confidence));
    return this;
  }

  @Override
  public String html() {
    List<Bin> drawn = bins.stream().filter(bin -> bin.images > 0).toList();
    int most = drawn.stream().mapToInt(Bin::images).max().orElse(1);
    StringBuilder svg =
        new StringBuilder(new Axes(LEFT, WIDTH - RIGHT, BOTTOM).grid(UNIT, Reliability::y));
    for (Bin bin : drawn) {
      svg.append(rectangle(bin, "right", y(bin.right), BOTTOM));
      svg.append(gap(bin));
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<line class=\"mark\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>%n",
            Html.coordinate(x(0)),
            Html.coordinate(y(0)),
            Html.coordinate(x(1)),
            Html.coordinate(y(1))));
    for (Bin bin : drawn) {
      double top = COUNTS_BOTTOM - bin.images / (double) most * (COUNTS_BOTTOM - COUNTS_TOP);
      svg.append(rectangle(bin, "count", top, COUNTS_BOTTOM));
    }
    for (double tick : UNIT.ticks(6)) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<text class=\"tick\" x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
              Html.coordinate(x(tick)),
              COUNTS_BOTTOM + 17,
              Scale.label(tick)));
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<text class=\"tick\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%,d</text>%n",
            LEFT - 7,
            COUNTS_TOP + 8,
            most));
    svg.append(new Axes(LEFT, WIDTH - RIGHT, BOTTOM).base("", HEIGHT));
    svg.append(
        new Axes(LEFT, WIDTH - RIGHT, COUNTS_BOTTOM)
            .base("probability of the class that was said", HEIGHT - 5));
    return String.format(
        Locale.ROOT,
        "<figure class=\"card bars reliability\"><figcaption><h3>%s</h3><div class=\"legend\">"
            + "<span class=\"c0\"><i></i>right</span><span class=\"c1\"><i></i>too sure</span>"
            + "<span class=\"c3\"><i></i>too unsure</span><span class=\"c7\"><i></i>images</span>"
            + "</div></figcaption><p class=\"note\">%s</p><div class=\"plot\"><svg viewBox=\"0 0 %d"
            + " %d\" role=\"img\" aria-label=\"%s\">%s</svg></div></figure>",
        Html.escape(title),
        Html.escape(note),
        WIDTH,
        HEIGHT,
        Html.escape(title),
        svg);
  }

  /** From what is right to what was promised. */
  private String gap(Bin bin) {
    double right = y(bin.right);
    double promised = y(bin.confidence);
    String style = bin.confidence > bin.right ? "sure" : "unsure";
    return rectangle(bin, style, Math.min(right, promised), Math.max(right, promised));
  }

  private static String rectangle(Bin bin, String style, double top, double bottom) {
    return String.format(
        Locale.ROOT,
        "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"><title>%s</title></rect>%n",
        style,
        Html.coordinate(x(bin.lower) + GAP),
        Html.coordinate(top),
        Html.coordinate(x(bin.upper) - x(bin.lower) - 2 * GAP),
        Html.coordinate(bottom - top),
        String.format(
            Locale.ROOT,
            "%,d image%s, probability %.3f, right %.3f",
            bin.images,
            bin.images == 1 ? "" : "s",
            bin.confidence,
            bin.right));
  }

  private static double x(double probability) {
    return LEFT + UNIT.at(probability) * (WIDTH - LEFT - RIGHT);
  }

  private static double y(double share) {
    return BOTTOM - UNIT.at(share) * (BOTTOM - TOP);
  }
}
