package dev.mlit.spec.advice;

import org.jspecify.annotations.Nullable;

/**
 * A problem at run time whose message may say what to do next.
 *
 * @since 0.1.0
 */
public abstract class AdvisedException extends RuntimeException implements Advised {
  private static final long serialVersionUID = 1;

  /** Null if the exception has come from another process. */
  private final transient @Nullable Message message;

  /**
   * An exception with a message.
   *
   * @param cause null if it follows from no other exception
   */
  protected AdvisedException(Message message, @Nullable Throwable cause) {
    super(message.text(Advice.LIBRARY), cause);
    this.message = message;
  }

  @Override
  public final String message(Advice advice) {
    return message == null ? String.valueOf(getMessage()) : message.text(advice);
  }
}
