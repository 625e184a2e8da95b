package dev.mlit.spec;

import static java.util.stream.Collectors.joining;

import dev.mlit.spec.advice.Advice;
import dev.mlit.spec.advice.Advised;
import dev.mlit.spec.advice.Message;
import dev.mlit.spec.text.FileProblem;
import dev.mlit.spec.text.Printable;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Input of a user cannot be used: the message names the place, the value and the rule.
 *
 * <p>The command line prints only the message and exits with 2; any other exception is a fault of
 * the program and comes with its stack trace.
 *
 * @since 0.1.0
 */
public class InvalidInputException extends IllegalArgumentException implements Advised {
  private static final long serialVersionUID = 1;

  /** Null where {@link #getMessage} advises nothing, or has come from another process. */
  private final transient @Nullable Message message;

  /**
   * An error with a message.
   *
   * @param message may quote the input; of characters that are not {@link Printable} only line ends
   *     are kept
   */
  public InvalidInputException(String message) {
    super(Printable.lines(message));
    this.message = null;
  }

  /** As above, with the exception that it follows from; null if there is none. */
  public InvalidInputException(String message, @Nullable Throwable cause) {
    super(Printable.lines(message), cause);
    this.message = null;
  }

  /** Something that cannot be used, with what can be done about it. */
  public InvalidInputException(Message message) {
    this(message, null);
  }

  /** As above, found by another exception; null if there was none. */
  public InvalidInputException(Message message, @Nullable Throwable cause) {
    super(Printable.lines(message.text(Advice.LIBRARY)), cause);
    this.message = message;
  }

  /**
   * Several problems of one place, a line each that begins with the place.
   *
   * @param problems one line each; of characters that are not {@link Printable} nothing is kept
   */
  public static InvalidInputException of(Object place, List<String> problems) {
    return advised(place, problems.stream().map(Message::of).toList());
  }

  /** As {@link #of}, with what can be done about each. */
  public static InvalidInputException advised(Object place, List<Message> problems) {
    return new InvalidInputException(
        advice ->
            problems.stream()
                .map(problem -> place + ": " + Printable.line(problem.text(advice)))
                .collect(joining("\n")));
  }

  /** Of a file or directory that cannot be read: it is not there, or why not. */
  public static InvalidInputException unreadable(Object file, IOException cause) {
    return new InvalidInputException(FileProblem.unreadable(file, cause), cause);
  }

  @Override
  public final String message(Advice advice) {
    return message == null ? String.valueOf(getMessage()) : Printable.lines(message.text(advice));
  }

  /**
   * The first line of another exception's message, as a part of a message; TensorFlow's messages go
   * on with traces.
   */
  public static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("?");
  }
}
