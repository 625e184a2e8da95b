package dev.mlit.spec;

/**
 * What the user gave cannot be used: the message names the place, the value and the rule.
 *
 * <p>The command line prints the message alone and exits with 2; any other exception is a fault of
 * the program and comes with its stack trace.
 */
public class InvalidInputException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  public InvalidInputException(String message) {
    super(message);
  }

  public InvalidInputException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * The first line of what another exception says, to be a part of a message; TensorFlow goes on
   * with traces of its own.
   */
  public static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("?");
  }
}
