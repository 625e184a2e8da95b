package dev.mlit.spec.text;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;

/**
 * Says why a file cannot be read or written.
 *
 * @since 0.1.0
 */
public final class FileProblem {
  /** TensorFlow's messages name files that a user does not know before they come to the reason. */
  private static final List<String> REASONS =
      List.of(
          "No space left on device",
          "Disk quota exceeded",
          "File too large",
          "Read-only file system",
          "Permission denied",
          "Input/output error");

  private FileProblem() {}

  /** The file and why it cannot be read, in one line. */
  public static String unreadable(Object file, IOException cause) {
    return cause instanceof NoSuchFileException missing
            && String.valueOf(missing.getFile()).equals(file.toString())
        ? missing(file)
        : file + ": cannot be read: " + reason(cause);
  }

  /** The file, and that it is not there. */
  public static String missing(Object file) {
    return file + ": no such file";
  }

  /** The file and why it cannot be written, in one line. */
  public static String unwritable(Object file, Throwable cause) {
    return file + ": cannot be written: " + reason(cause);
  }

  /** What the disk or the system does not allow; empty if the problem is another. */
  public static Optional<String> ofDisk(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    return REASONS.stream().filter(message::contains).findFirst();
  }

  /** The reason in one line; the JDK's own messages may name a file only. */
  private static String reason(Throwable cause) {
    if (cause instanceof NoSuchFileException missing) {
      return "there is no " + missing.getFile();
    }
    if (cause instanceof AccessDeniedException denied) {
      return "permission denied: " + denied.getFile();
    }
    if (cause instanceof FileAlreadyExistsException there) {
      return there.getFile() + " is in the way";
    }
    if (cause instanceof CharacterCodingException) {
      return "it is not text in UTF-8";
    }
    String message = cause.getMessage();
    if (message == null || (cause instanceof FileSystemException e && e.getReason() == null)) {
      return cause.toString();
    }
    return ofDisk(cause).or(() -> message.lines().findFirst()).orElse(cause.toString());
  }
}
