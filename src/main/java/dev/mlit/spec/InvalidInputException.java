package dev.mlit.spec;

import static java.util.stream.Collectors.joining;

import dev.mlit.spec.text.Printable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the user gave cannot be used: the message names the place, the value and the rule.
 *
 * <p>The command line prints only the message and exits with 2; any other exception is a fault of
 * the program and comes with its stack trace.
 */
public class InvalidInputException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /**
   * Something that cannot be used.
   *
   * @param message which may quote what was given: of characters that are not {@link Printable} it
   *     keeps only the ends of lines
   */
  public InvalidInputException(String message) {
    super(Printable.lines(message));
  }

  /** As above, found by another exception; null if there was none. */
  public InvalidInputException(String message, @Nullable Throwable cause) {
    super(Printable.lines(message), cause);
  }

  /**
   * Several problems of one place, a line each that begins with the place.
   *
   * @param problems one line each; of characters that are not {@link Printable} nothing is kept
   */
  public static InvalidInputException of(Object place, List<String> problems) {
    return new InvalidInputException(
        problems.stream()
            .map(problem -> place + ": " + Printable.line(problem))
            .collect(joining("\n")));
  }

  /**
   * The first line of what another exception says, to be a part of a message; TensorFlow goes on
   * with traces of its own.
   */
  public static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("?");
  }
}
