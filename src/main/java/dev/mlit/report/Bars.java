package dev.mlit.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Shares as horizontal bars, one below the other.
 *
 * @since 0.1.0
 */
public final class Bars implements Component {
  private final String title;
  private final String note;
  private final List<Bar> bars = new ArrayList<>();

  private Bars(String title, String note) {
    this.title = title;
    this.note = note;
  }

  private record Bar(String name, double share, String text) {}

  /** A card without bars yet. */
  public static Bars of(String title, String note) {
    return new Bars(title, note);
  }

  /**
   * Adds a bar.
   *
   * @param share its length, from 0 to 1
   * @param text what stands beside it
   */
  public Bars bar(String name, double share, String text) {
    bars.add(new Bar(name, share, text));
    return this;
  }

  @Override
  public String html() {
    StringBuilder html = new StringBuilder("<div class=\"card bars\"><h3>");
    html.append(Html.escape(title)).append("</h3><p class=\"note\">").append(Html.escape(note));
    html.append("</p><dl>");
    for (Bar bar : bars) {
      html.append(
          String.format(
              Locale.ROOT,
              "<dt>%s</dt><dd><span class=\"track\"><i style=\"width:%s\"></i></span><b>%s</b></dd>",
              Html.escape(bar.name),
              Html.percent(bar.share),
              Html.escape(bar.text)));
    }
    return html.append("</dl></div>").toString();
  }
}
