package dev.mlit.train;

import java.nio.file.Path;
import java.util.List;

/** A file of a run cannot be written; most often the disk is full. */
public final class WriteFailedException extends RuntimeException {
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

  private WriteFailedException(String message, Throwable cause) {
    super(message, cause);
  }

  static WriteFailedException of(Path file, Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    String reason =
        REASONS.stream()
            .filter(message::contains)
            .findFirst()
            .or(() -> message.lines().findFirst())
            .orElse(cause.toString());
    return new WriteFailedException(file + ": cannot be written: " + reason, cause);
  }

  /** With a word on what is left and how to go on. */
  WriteFailedException with(String advice) {
    return new WriteFailedException(getMessage() + "; " + advice, this);
  }
}
