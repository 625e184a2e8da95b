package dev.mlit.cli;

import dev.mlit.train.Trainer;
import java.util.concurrent.CountDownLatch;

/**
 * Saves a run before the process ends, when it is told to: Ctrl-C (SIGINT), SIGTERM, a terminal
 * that is closed (SIGHUP).
 *
 * <p>Java ends a process at such a signal when all shutdown hooks are done, with 128 and the number
 * of the signal. The hook here asks the trainer to stop, and waits until the command is done.
 */
final class SaveOnSignal implements AutoCloseable {
  /** What the command returns; the process ends with the same after SIGINT. */
  static final int EXIT = 130;

  private final CountDownLatch done = new CountDownLatch(1);
  private volatile Runnable stop = () -> {};
  private volatile boolean signalled;
  private final Thread hook = new Thread(this::run, "save-on-signal");

  SaveOnSignal() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Stops this trainer when the signal comes, or at once if it has come. */
  void stop(Trainer trainer) {
    stop = trainer::stop;
    if (signalled) {
      trainer.stop();
    }
  }

  private void run() {
    if (done.getCount() == 0) {
      return;
    }
    System.err.println("stopping after this step, and saving");
    signalled = true;
    stop.run();
    try {
      done.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The command is done; the process may end. */
  @Override
  public void close() {
    done.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already: the hook has been waiting for this.
    }
  }
}
