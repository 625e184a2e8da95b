package dev.mlit.spec;

import static java.util.stream.Collectors.joining;

import dev.mlit.spec.text.Printable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Input of a user cannot be used: the message names the place, the value and the rule.
 *
 * <p>The command line prints only the message and exits with 2; any other exception is a fault of
 * the program and comes with its stack trace.
 */
public class InvalidInputException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /**
   * An error with a message.
   *
   * @param message may quote the input; of characters that are not {@link Printable} only line ends
   *     are kept
   */
  public InvalidInputException(String message) {
    super(Printable.lines(message));
  }

  /** As above, with the exception that it follows from; null if there is none. */
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
   * The first line of another exception's message, as a part of a message; TensorFlow's messages go
   * on with traces.
   */
  public static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("?");
  }
}
