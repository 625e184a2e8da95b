package dev.mlit.savedmodel;

import dev.mlit.spec.text.Printable;
import java.util.regex.Pattern;

/** Texts that others have chosen, in a page of Markdown. */
final class Markdown {
  /** What begins something in a line of a table; an underscore does not within a word. */
  private static final Pattern SPECIAL =
      Pattern.compile("[\\\\`*\\[\\]<>|&~$]|(?<![\\p{L}\\p{N}])_|_(?![\\p{L}\\p{N}])");

  private static final Pattern TICKS = Pattern.compile("`+");

  private Markdown() {}

  /** One line of text that stands for itself. */
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
