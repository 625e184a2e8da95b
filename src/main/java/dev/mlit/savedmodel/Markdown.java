package dev.mlit.savedmodel;

import dev.mlit.spec.text.Printable;
import java.util.regex.Pattern;

/** Escapes texts that others have chosen for a page of Markdown. */
final class Markdown {
  /** Characters with a meaning in a line of a table; an underscore has none within a word. */
  private static final Pattern SPECIAL =
      Pattern.compile("[\\\\`*\\[\\]<>|&~$]|(?<![\\p{L}\\p{N}])_|_(?![\\p{L}\\p{N}])");

  private static final Pattern TICKS = Pattern.compile("`+");

  private Markdown() {}

  /** A text as one line, with nothing in it that Markdown would interpret. */
  static String text(String text) {
    return SPECIAL.matcher(Printable.line(text)).replaceAll("\\\\$0");
  }

  /** A block of code that ends where it should, whatever is in it. */
  static String code(String language, String code) {
    int longest = TICKS.matcher(code).results().mapToInt(m -> m.group().length()).max().orElse(0);
    String fence = "`".repeat(Math.max(3, longest + 1));
    return fence + language + "\n" + code + fence + "\n";
  }
}
