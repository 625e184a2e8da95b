package dev.mlit.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How often each class was taken for each other: a table with the numbers, or, for more classes
 * than a table can show, a picture.
 *
 * @since 0.1.0
 */
public final class ConfusionMatrix implements Component {
  private static final int MOST_NAMED = 25;
  private static final int PICTURE = 600;

  /** Cells of a picture that say what they are under a pointer. */
  private static final int MOST_DESCRIBED = 5000;

  private static final double NARROWEST = 1;

  private final List<String> labels;
  private final int[][] counts;

  /**
   * A matrix.
   *
   * @param labels the names of the classes
   * @param counts by the true class, the row, and the predicted one
   */
  public ConfusionMatrix(List<String> labels, int[][] counts) {
    this.labels = List.copyOf(labels);
    this.counts = counts;
  }

  @Override
  public String html() {
    return "<div class=\"card confusion\"><h3>Confusion matrix</h3><p class=\"note\">Rows are the"
        + " true classes, columns what the model says; shades are shares of a row.</p>"
        + (labels.size() <= MOST_NAMED ? table() : picture())
        + "</div>";
  }

  private String table() {
    StringBuilder html = new StringBuilder("<div class=\"scroll\"><table class=\"matrix\"><thead>");
    html.append("<tr><td></td>");
    for (String label : labels) {
      html.append("<th scope=\"col\"><span>").append(Html.escape(label)).append("</span></th>");
    }
    html.append("</tr></thead><tbody>");
    for (int row = 0; row < labels.size(); row++) {
      html.append("<tr><th scope=\"row\">").append(Html.escape(labels.get(row))).append("</th>");
      for (int column = 0; column < labels.size(); column++) {
        html.append(cell(row, column));
      }
      html.append("</tr>");
    }
    return html.append("</tbody></table></div>").toString();
  }

  private String cell(int row, int column) {
    double share = share(row, column);
    return String.format(
        Locale.ROOT,
        "<td class=\"%s%s\" style=\"--v:%.3f\" title=\"%s\">%s</td>",
        row == column ? "right" : "wrong",
        share > 0.5 ? " strong" : "",
        share,
        Html.escape(describe(row, column)),
        counts[row][column] == 0 ? "" : String.valueOf(counts[row][column]));
  }

  private String picture() {
    long drawn = Arrays.stream(counts).flatMapToInt(Arrays::stream).filter(n -> n > 0).count();
    return String.format(
        Locale.ROOT,
        "<svg class=\"matrix\" viewBox=\"0 0 %d %d\" role=\"img\""
            + " aria-label=\"confusion\">%s</svg>",
        PICTURE,
        PICTURE,
        drawn <= MOST_DESCRIBED ? describedCells() : plainCells());
  }

  private String describedCells() {
    double side = (double) PICTURE / labels.size();
    StringBuilder svg = new StringBuilder();
    for (int row = 0; row < labels.size(); row++) {
      for (int column = 0; column < labels.size(); column++) {
        if (counts[row][column] > 0) {
          svg.append(
              String.format(
                  Locale.ROOT,
                  "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\""
                      + " style=\"--v:%.3f\"><title>%s</title></rect>",
                  row == column ? "right" : "wrong",
                  Html.coordinate(column * side),
                  Html.coordinate(row * side),
                  Html.coordinate(side),
                  Html.coordinate(side),
                  shade(row, column),
                  Html.escape(describe(row, column))));
        }
      }
    }
    return svg.toString();
  }

  /** One path for all cells of about the same shade, without names: a tenth of the page's size. */
  private String plainCells() {
    double side = (double) PICTURE / labels.size();
    String cell =
        String.format(Locale.ROOT, "h%1$sv%1$sh-%1$sz", Html.coordinate(Math.max(side, NARROWEST)));
    Map<String, StringBuilder> paths = new TreeMap<>();
    for (int row = 0; row < labels.size(); row++) {
      for (int column = 0; column < labels.size(); column++) {
        if (counts[row][column] > 0) {
          String style =
              String.format(
                  Locale.ROOT,
                  "class=\"%s\" style=\"--v:%.1f\"",
                  row == column ? "right" : "wrong",
                  Math.max(0.1, shade(row, column)));
          paths
              .computeIfAbsent(style, key -> new StringBuilder())
              .append('M')
              .append(Html.coordinate(column * side))
              .append(' ')
              .append(Html.coordinate(row * side))
              .append(cell);
        }
      }
    }
    StringBuilder svg = new StringBuilder();
    paths.forEach(
        (style, path) ->
            svg.append("<path ").append(style).append(" d=\"").append(path).append("\"/>"));
    return svg.toString();
  }

  /** What is there shall be seen. */
  private double shade(int row, int column) {
    return Math.max(0.08, share(row, column));
  }

  private double share(int row, int column) {
    int total = 0;
    for (int count : counts[row]) {
      total += count;
    }
    return total == 0 ? 0 : counts[row][column] / (double) total;
  }

  private String describe(int row, int column) {
    return String.format(
        Locale.ROOT,
        "%s taken for %s: %d (%.1f %%)",
        labels.get(row),
        labels.get(column),
        counts[row][column],
        100 * share(row, column));
  }
}
