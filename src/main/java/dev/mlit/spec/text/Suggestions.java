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

  /**
   * Levenshtein's distance, in which two neighbours that are swapped are one edit too: the optimal
   * string alignment of Damerau (1964), as fingers swap letters most of all.
   */
  private static int edits(String a, String b) {
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          edits[i][j] = i + j;
          continue;
        }
        int substituted = edits[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int fewest = Math.min(substituted, 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          fewest = Math.min(fewest, 1 + edits[i - 2][j - 2]);
        }
        edits[i][j] = fewest;
      }
    }
    return edits[a.length()][b.length()];
  }
}
