package dev.mlit.files;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.advice.AdvisedException;
import dev.mlit.spec.advice.Message;
import dev.mlit.spec.text.FileProblem;
import java.io.IOException;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * A file cannot be written; most often the disk is full.
 *
 * @since 0.1.0
 */
@API(status = Status.MAINTAINED)
public class NotWrittenException extends AdvisedException {
  private static final long serialVersionUID = 1;

  /** With a message that names the file and the reason. */
  public NotWrittenException(String message, Throwable cause) {
    this(Message.of(message), cause);
  }

  /** As above, with what can be done about it. */
  protected NotWrittenException(Message message, Throwable cause) {
    super(message, cause);
  }

  /** Of a file or directory. */
  public static NotWrittenException of(Object file, Throwable cause) {
    return new NotWrittenException(message(file, cause), cause);
  }

  /**
   * Of a file that a user named: an {@link InvalidInputException} if it can never be written there,
   * as the directory is missing or another user's, and this one if the disk does not take it.
   */
  public static RuntimeException orInvalid(Object file, IOException cause) {
    return FileProblem.ofDisk(cause).isPresent()
        ? of(file, cause)
        : new InvalidInputException(message(file, cause), cause);
  }

  /** What the message says: the file, and the reason in one line. */
  public static String message(Object file, Throwable cause) {
    return FileProblem.unwritable(file, cause);
  }

  /** The same with what is left and how to go on. */
  public NotWrittenException with(Message more) {
    return new NotWrittenException(and(more), this);
  }

  /** The message, and another after it. */
  protected final Message and(Message more) {
    return advice -> message(advice) + "; " + more.text(advice);
  }
}
