package dev.mlit.train;

import dev.mlit.files.NotWrittenException;
import dev.mlit.spec.advice.Message;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A file of a run cannot be written; most often the disk is full.
 *
 * @since 0.1.0
 */
public final class WriteFailedException extends NotWrittenException {
  private static final long serialVersionUID = 1;

  private final boolean advised;

  private WriteFailedException(Message message, Throwable cause, boolean advised) {
    super(message, cause);
    this.advised = advised;
  }

  public static WriteFailedException of(Path file, Throwable cause) {
    return new WriteFailedException(Message.of(message(file, cause)), cause, false);
  }

  /** Of a run whose directory is no longer where it was. */
  static WriteFailedException moved(Path directory) {
    return new WriteFailedException(
        advice ->
            directory
                + ": has been moved or deleted while the run was trained, which ends here; go on"
                + " where the directory is now with: "
                + advice.resume("DIR"),
        new NoSuchFileException(directory.toString()),
        true);
  }

  @Override
  public WriteFailedException with(Message more) {
    return advised ? this : new WriteFailedException(and(more), this, true);
  }
}
