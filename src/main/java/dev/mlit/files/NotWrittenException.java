package dev.mlit.files;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.advice.AdvisedException;
import dev.mlit.spec.advice.Message;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;
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

  /** TensorFlow's messages name files that a user does not know before they come to the reason. */
  private static final List<String> REASONS =
      List.of(
          "No space left on device",
          "Disk quota exceeded",
          "File too large",
          "Read-only file system",
          "Permission denied",
          "Input/output error");

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
    boolean disk = REASONS.stream().anyMatch(String.valueOf(cause.getMessage())::contains);
    return disk ? of(file, cause) : new InvalidInputException(message(file, cause), cause);
  }

  /** What the message says: the file, and the reason in one line. */
  public static String message(Object file, Throwable cause) {
    return file + ": cannot be written: " + reason(cause);
  }

  /** The same with what is left and how to go on. */
  public NotWrittenException with(Message more) {
    return new NotWrittenException(and(more), this);
  }

  /** The message, and another after it. */
  protected final Message and(Message more) {
    return advice -> message(advice) + "; " + more.text(advice);
  }

  /** Why something cannot be written, in one line; the JDK's own messages may name a file only. */
  static String reason(Throwable cause) {
    if (cause instanceof NoSuchFileException missing) {
      return "there is no " + missing.getFile();
    }
    if (cause instanceof AccessDeniedException denied) {
      return "permission denied: " + denied.getFile();
    }
    if (cause instanceof FileAlreadyExistsException there) {
      return there.getFile() + " is in the way";
    }
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return REASONS.stream()
        .filter(message::contains)
        .findFirst()
        .or(() -> message.lines().findFirst())
        .orElse(cause.toString());
  }
}
