package dev.mlit.spec.text;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Text that is safe to show: files and servers may put characters into names that move a terminal's
 * cursor, change its title or turn the direction of what follows.
 *
 * @since 0.1.0
 */
public final class Printable {
  /** Controls of ASCII and Latin-1, and separators of lines. */
  private static final String CONTROLS = "\\p{Cc}\\u2028\\u2029";

  /** And what turns the direction of text. */
  private static final String UNSAFE = CONTROLS + "\\u202a-\\u202e\\u2066-\\u2069";

  private static final Pattern CONTROL = Pattern.compile("[" + CONTROLS + "]");
  private static final Pattern IN_A_LINE = Pattern.compile("[" + UNSAFE + "]");
  private static final Pattern IN_LINES = Pattern.compile("[" + UNSAFE + "&&[^\\n]]");
  private static final Pattern IN_A_TRACE = Pattern.compile("[" + UNSAFE + "&&[^\\n\\r\\t]]");

  private Printable() {}

  /** The rule for a name, to follow it in a message. */
  public static final String RULE = "must be one line of text without control characters";

  /** True if it is one line without control characters, as a name should be; see {@link #RULE}. */
  public static boolean isLine(String text) {
    return !CONTROL.matcher(text).find();
  }

  /** Text as one line, with a question mark in place of every unsafe character. */
  public static String line(String text) {
    return IN_A_LINE.matcher(text).replaceAll("?");
  }

  /** Text of several lines, with a question mark in place of every unsafe character. */
  public static String lines(String text) {
    return IN_LINES.matcher(text).replaceAll("?");
  }

  /** A line of JSON with every unsafe character escaped. */
  public static String json(String line) {
    return IN_A_LINE
        .matcher(line)
        .replaceAll(
            found -> String.format(Locale.ROOT, "\\\\u%04x", (int) found.group().charAt(0)));
  }

  /** As {@link #lines}, of a stack trace, which is indented. */
  public static String trace(String text) {
    return IN_A_TRACE.matcher(text).replaceAll("?");
  }

  /** The message of an exception in one line of moderate length, or its class if it has none. */
  public static String excerpt(Throwable problem) {
    String message = problem.getMessage();
    return message == null ? problem.getClass().getSimpleName() : excerpt(message);
  }

  /**
   * A name or a message that somebody else has chosen, in one line of moderate length: no line
   * breaks, and nothing that a terminal obeys.
   */
  public static String excerpt(String text) {
    String line = text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+", " ");
    return line.length() > 300 ? line.substring(0, 300) + "..." : line;
  }
}
