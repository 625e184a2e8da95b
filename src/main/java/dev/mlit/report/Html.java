package dev.mlit.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Locale;

/** Writes texts and numbers as HTML. */
final class Html {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Html() {}

  /** A text as content or as the value of an attribute. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** Data for the page's script, as JSON that cannot end the element that it stands in. */
  static String json(Object value) {
    try {
      return JSON.writeValueAsString(value).replace("<", "\\u003c");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + value, e);
    }
  }

  /** A coordinate of SVG: two decimals are finer than a pixel. */
  static String coordinate(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
  }

  /** A share as a percentage of CSS or SVG. */
  static String percent(double share) {
    return coordinate(100 * share) + "%";
  }
}
