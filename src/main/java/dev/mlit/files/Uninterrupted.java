package dev.mlit.files;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;

/**
 * Work on files that an interrupt of the thread does not end. A channel closes at an interrupt, and
 * half-done work then looks like a failing disk; the thread is interrupted again when the work is
 * done, for code that stops between its steps.
 *
 * @since 0.1.0
 */
public final class Uninterrupted {
  private Uninterrupted() {}

  /** Work that may be begun again when an interrupt has ended it. */
  @FunctionalInterface
  public interface Work<T> {
    /** Does it. */
    T run() throws IOException;
  }

  /** Work without a result; see {@link Work}. */
  @FunctionalInterface
  public interface Action {
    /** Does it. */
    void run() throws IOException;
  }

  /** Does work to its end. */
  public static <T> T call(Work<T> work) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return work.run();
        } catch (ClosedByInterruptException | FileLockInterruptionException e) {
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Does work to its end. */
  public static void run(Action work) throws IOException {
    call(
        () -> {
          work.run();
          return true;
        });
  }
}
