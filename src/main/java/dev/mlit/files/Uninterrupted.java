package dev.mlit.files;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;

/**
 * Work on files that an interrupt of the thread does not end. A channel closes at an interrupt, and
 * half-done work then looks like a failing disk; the thread is interrupted again when the work is
 * done, for code that stops between its steps.
 *
 * @since 0.1.0
 */
public final class Uninterrupted {
  private static final ThreadFactory THREADS = DaemonThreads.named("mlit-files");

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

  /**
   * Does work that cannot be begun again on a thread that an interrupt of this one does not reach,
   * and waits until it is done; what it throws is thrown here.
   */
  public static void apart(Runnable work) {
    FutureTask<Boolean> task = new FutureTask<>(work, true);
    THREADS.newThread(task).start();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          task.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      // A Runnable throws nothing that is checked.
      throw (RuntimeException) Objects.requireNonNull(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
