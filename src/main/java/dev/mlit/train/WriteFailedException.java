package dev.mlit.train;

import dev.mlit.files.NotWrittenException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file of a run cannot be written; most often the disk is full. */
public final class WriteFailedException extends NotWrittenException {
  private static final long serialVersionUID = 1;

  private final boolean advised;

  private WriteFailedException(String message, Throwable cause, boolean advised) {
    super(message, cause);
    this.advised = advised;
  }

  public static WriteFailedException of(Path file, Throwable cause) {
    return new WriteFailedException(message(file, cause), cause, false);
  }

  /** Of a run whose directory is no longer where it was. */
  static WriteFailedException moved(Path directory) {
    return new WriteFailedException(
        directory
            + ": has been moved or deleted while the run was trained, which ends here; go on where"
            + " the directory is now with: ./mlit train --resume DIR",
        new NoSuchFileException(directory.toString()),
        true);
  }

  @Override
  public WriteFailedException with(String advice) {
    return advised ? this : new WriteFailedException(getMessage() + "; " + advice, this, true);
  }
}
