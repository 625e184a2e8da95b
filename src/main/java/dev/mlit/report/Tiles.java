package dev.mlit.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The few numbers that a reader looks for first.
 *
 * @since 0.1.0
 */
public final class Tiles implements Component {
  private final String layout;
  private final List<String> tiles = new ArrayList<>();

  private Tiles(String layout) {
    this.layout = layout;
  }

  /** No tiles yet. */
  public static Tiles none() {
    return new Tiles("tiles");
  }

  /** No tiles yet; they are wider, for long names and notes. */
  public static Tiles wide() {
    return new Tiles("tiles wide");
  }

  /**
   * Adds a tile.
   *
   * @param name what it is
   * @param value the number
   * @param note more about it; may be empty
   */
  public Tiles add(String name, String value, String note) {
    return add("strong", name, value, note);
  }

  /** Adds a tile with a number that is not known well enough to be bold. */
  public Tiles addUncertain(String name, String value, String note) {
    return add("em", name, value, note);
  }

  private Tiles add(String element, String name, String value, String note) {
    tiles.add(
        String.format(
            Locale.ROOT,
            "<div class=\"card tile\"><span>%2$s</span><%1$s>%3$s</%1$s><small>%4$s</small></div>",
            element,
            Html.escape(name),
            Html.escape(value),
            Html.escape(note)));
    return this;
  }

  @Override
  public String html() {
    return "<div class=\"" + layout + "\">" + String.join("\n", tiles) + "</div>";
  }
}
