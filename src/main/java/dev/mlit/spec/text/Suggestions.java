package dev.mlit.spec.text;

import java.util.Collection;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * "Did you mean": the known name that differs least from a mistyped one.
 *
 * @since 0.1.0
 */
public final class Suggestions {
  private static final int MOST_EDITS = 3;

  private Suggestions() {}

  /**
   * The nearest of the known names, or null if none is near: at most three edits, and fewer than
   * half the name's length.
   */
  public static @Nullable String nearest(String name, Collection<String> known) {
    int limit = Math.min(MOST_EDITS, (name.length() - 1) / 2);
    return known.stream()
        .filter(k -> edits(name, k) <= limit)
        .min(Comparator.comparingInt(k -> edits(name, k)))
        .orElse(null);
  }

  /**
   * What a message about an unknown name says before it lists the known ones: {@code did you mean
   * cat? }, or nothing if none is near.
   */
  public static String didYouMean(String name, Collection<String> known) {
    String nearest = nearest(name, known);
    return nearest == null ? "" : "did you mean " + nearest + "? ";
  }

  /** Levenshtein's distance. */
  private static int edits(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
