package dev.mlit.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Rows that are divided into shares of a whole, such as the experts of a block.
 *
 * @since 0.1.0
 */
public final class Shares implements Component {
  /** Less than this part of an equal share is pointed out. */
  private static final double LOW = 0.25;

  /** A narrower share has no room for its text. */
  private static final double NARROW = 0.06;

  private final String title;
  private final String note;
  private final List<Row> rows = new ArrayList<>();

  private Shares(String title, String note) {
    this.title = title;
    this.note = note;
  }

  private record Row(String name, List<Double> shares, String text) {}

  /** A card without rows yet. */
  public static Shares of(String title, String note) {
    return new Shares(title, note);
  }

  /**
   * Adds a row.
   *
   * @param shares in any unit; what counts is their part of the sum
   * @param text what stands beside it
   */
  public Shares row(String name, List<Double> shares, String text) {
    rows.add(new Row(name, List.copyOf(shares), text));
    return this;
  }

  @Override
  public String html() {
    StringBuilder html = new StringBuilder("<div class=\"card shares\"><h3>");
    html.append(Html.escape(title)).append("</h3><p class=\"note\">").append(Html.escape(note));
    html.append("</p><dl>");
    for (Row row : rows) {
      html.append("<dt>").append(Html.escape(row.name)).append("</dt><dd><span class=\"whole\">");
      double sum = row.shares.stream().mapToDouble(Double::doubleValue).sum();
      for (int i = 0; i < row.shares.size(); i++) {
        double share = sum == 0 ? 0 : row.shares.get(i) / sum;
        String percent = String.format(Locale.ROOT, "%.0f %%", 100 * share);
        html.append(
            String.format(
                Locale.ROOT,
                "<i class=\"%s\" style=\"width:%s\" title=\"%d: %s\">%s</i>",
                share * row.shares.size() < LOW ? "low" : "",
                Html.percent(share),
                i,
                percent,
                share < NARROW ? "" : percent));
      }
      html.append("</span><b>").append(Html.escape(row.text)).append("</b></dd>");
    }
    return html.append("</dl></div>").toString();
  }
}
