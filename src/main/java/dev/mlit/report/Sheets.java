package dev.mlit.report;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * Whole sheets of small pictures with captions, side by side; every pixel is seen.
 *
 * @since 0.1.0
 */
public final class Sheets implements Component {
  private final String title;
  private final String note;
  private final List<String> figures = new ArrayList<>();

  private Sheets(String title, String note) {
    this.title = title;
    this.note = note;
  }

  /**
   * A card without sheets yet.
   *
   * @param note how to read them
   */
  public static Sheets of(String title, String note) {
    return new Sheets(title, note);
  }

  /** Adds a sheet. */
  public Sheets add(BufferedImage sheet, String caption) {
    return add(Png.of(sheet), caption);
  }

  /** Adds a sheet, a PNG file. */
  public Sheets add(byte[] png, String caption) {
    figures.add(
        String.format(
            Locale.ROOT,
            "<figure><img alt=\"%s\""
                + " src=\"data:image/png;base64,%s\"><figcaption>%s</figcaption></figure>",
            Html.escape(caption),
            Base64.getEncoder().encodeToString(png),
            Html.escape(caption)));
    return this;
  }

  @Override
  public String html() {
    return "<div class=\"card\"><h3>"
        + Html.escape(title)
        + "</h3><p class=\"note\">"
        + Html.escape(note)
        + "</p><div class=\"sheets\">"
        + String.join("\n", figures)
        + "</div></div>";
  }
}
