package dev.mlit.cli;

import java.util.regex.Pattern;

/** Words of a command that is shown to a user, who may copy it into a shell. */
final class CommandText {
  private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_./:=@%+,-]+");

  private CommandText() {}

  /**
   * A value as a word of a POSIX shell: as it is, or in single quotes where it holds a space or
   * anything else that a shell would not take as it is.
   */
  static String word(Object value) {
    String text = value.toString();
    return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
