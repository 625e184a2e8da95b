package dev.mlit.report;

import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/**
 * The axes of a chart, as SVG.
 *
 * @param left where the x-axis begins
 * @param right where it ends
 * @param bottom how high it is
 */
record Axes(int left, int right, int bottom) {
  private static final int TICKS = 6;

  /**
   * A line and a number for every tick of the y-axis.
   *
   * @param y the height of a number
   */
  String grid(Scale up, DoubleUnaryOperator y) {
    StringBuilder svg = new StringBuilder();
    for (double tick : up.ticks(TICKS)) {
      double height = y.applyAsDouble(tick);
      svg.append(
          String.format(
              Locale.ROOT,
              "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%s\" y2=\"%s\"/>"
                  + "<text class=\"tick\" x=\"%d\" y=\"%s\" text-anchor=\"end\">%s</text>\n",
              left,
              right,
              Html.coordinate(height),
              Html.coordinate(height),
              left - 7,
              Html.coordinate(height + 4),
              Scale.label(tick)));
    }
    return svg.toString();
  }

  /**
   * The x-axis.
   *
   * @param name what stands below it
   * @param height of the name
   */
  String base(String name, int height) {
    return String.format(
        Locale.ROOT,
        "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>"
            + "<text class=\"tick\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
        left,
        right,
        bottom,
        bottom,
        (left + right) / 2,
        height,
        Html.escape(name));
  }
}
