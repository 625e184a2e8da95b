package dev.mlit.train;

import java.nio.file.Path;

/** A file of a run cannot be written; most often the disk is full. */
public final class WriteFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private static final String FULL = "No space left on device";

  private WriteFailedException(String message, Throwable cause) {
    super(message, cause);
  }

  static WriteFailedException of(Path file, Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    String reason =
        message.contains(FULL) ? FULL : message.lines().findFirst().orElse(cause.toString());
    return new WriteFailedException(file + ": cannot be written: " + reason, cause);
  }

  /** With a word on what is left and how to go on. */
  WriteFailedException with(String advice) {
    return new WriteFailedException(getMessage() + "; " + advice, this);
  }
}
