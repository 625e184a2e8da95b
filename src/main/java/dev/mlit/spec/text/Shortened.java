package dev.mlit.spec.text;

import java.util.List;

/**
 * Shortens lists of names for messages.
 *
 * @since 0.1.0
 */
public final class Shortened {
  private Shortened() {}

  /** The first names, at most so many, and how many more there are: {@code cat, dog and 8 more}. */
  public static String list(List<String> names, int most) {
    return names.size() <= most
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, most)) + " and " + (names.size() - most) + " more";
  }
}
