package dev.mlit.report;

import static java.util.stream.Collectors.joining;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Pictures with captions, side by side.
 *
 * @since 0.1.0
 */
public final class Pictures implements Component {
  private final List<String> figures = new ArrayList<>();

  private Pictures() {}

  /** No pictures yet. */
  public static Pictures none() {
    return new Pictures();
  }

  /**
   * Adds a picture.
   *
   * @param pixels unsigned bytes, row, column, channel
   * @param channels 1 for gray, 3 for RGB
   * @param caption below it
   * @param notes below that, a line each
   */
  public Pictures add(
      byte[] pixels, int height, int width, int channels, String caption, String... notes) {
    figures.add(
        String.format(
            Locale.ROOT,
            "<figure><img alt=\"%s\" src=\"data:image/png;base64,%s\"><figcaption>%s%s"
                + "</figcaption></figure>",
            Html.escape(caption),
            png(pixels, height, width, channels),
            Html.escape(caption),
            Stream.of(notes)
                .map(note -> "<small>" + Html.escape(note) + "</small>")
                .collect(joining())));
    return this;
  }

  private static String png(byte[] pixels, int height, int width, int channels) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < height * width; i++) {
      int red = pixels[i * channels] & 0xff;
      int green = channels == 1 ? red : pixels[i * channels + 1] & 0xff;
      int blue = channels == 1 ? red : pixels[i * channels + 2] & 0xff;
      image.setRGB(i % width, i / width, red << 16 | green << 8 | blue);
    }
    return Base64.getEncoder().encodeToString(Png.of(image));
  }

  @Override
  public String html() {
    return "<div class=\"card pictures\">" + String.join("\n", figures) + "</div>";
  }
}
