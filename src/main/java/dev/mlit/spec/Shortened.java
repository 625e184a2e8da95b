package dev.mlit.spec;

import java.util.List;

/** Lists of names that are too long for a message. */
public final class Shortened {
  private Shortened() {}

  /** The first names, and how many more there are: {@code cat, dog and 8 more}. */
  public static String list(List<String> names, int most) {
    return names.size() <= most
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, most)) + " and " + (names.size() - most) + " more";
  }
}
