package dev.mlit.spec.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.junit.jupiter.api.Test;

/** If this fails, a message about a file shows its name twice in place of what is wrong with it. */
class FileProblemTest {
  @Test
  void fileThatIsNotThere() {
    unreadable(new NoSuchFileException("a"), "a: no such file");
    unreadable(new NoSuchFileException("b"), "a: cannot be read: there is no b");
  }

  @Test
  void reasonIsSaidWhereTheJdkSaysAFileOnly() {
    unreadable(new AccessDeniedException("a"), "a: cannot be read: permission denied: a");
    unreadable(
        new NotDirectoryException("a"),
        "a: cannot be read: " + NotDirectoryException.class.getName() + ": a");
    unreadable(new MalformedInputException(1), "a: cannot be read: it is not text in UTF-8");
    unreadable(new EOFException(), "a: cannot be read: " + EOFException.class.getName());
    assertThat(FileProblem.unwritable("a/b", new FileAlreadyExistsException("a")))
        .isEqualTo("a/b: cannot be written: a is in the way");
  }

  @Test
  void reasonIsOneLine() {
    unreadable(new IOException("broken\n at 1"), "a: cannot be read: broken");
    unreadable(
        new IOException("tmp/x; No space left on device"),
        "a: cannot be read: No space left on device");
  }

  private static void unreadable(IOException cause, String message) {
    assertThat(FileProblem.unreadable("a", cause)).isEqualTo(message);
  }
}
