package dev.mlit.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Unfinished files and temporary directories of this process, which are deleted when a signal ends
 * it: no weights stay behind unnoticed. Work that is nearly done may end first.
 */
final class Leftovers {
  /** The longest wait for work that is nearly done; writing a model takes less. */
  private static final long PATIENCE_MILLIS = 10_000;

  private static final int ATTEMPTS = 5;

  private static final Set<Path> OPEN = new LinkedHashSet<>();
  private static boolean hooked;

  private Leftovers() {}

  /** A path that is deleted if the process ends before this is closed. */
  interface Registered extends AutoCloseable {
    @Override
    void close();
  }

  static synchronized Registered register(Path path) {
    if (!hooked) {
      try {
        Runtime.getRuntime().addShutdownHook(new Thread(Leftovers::end, "mlit-unfinished-files"));
      } catch (IllegalStateException e) {
        // The process is ending, and the hook has run or never will.
      }
      hooked = true;
    }
    OPEN.add(path);
    return () -> remove(path);
  }

  private static synchronized void remove(Path path) {
    OPEN.remove(path);
    Leftovers.class.notifyAll();
  }

  private static synchronized void end() {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    try {
      for (long left = PATIENCE_MILLIS; !OPEN.isEmpty() && left > 0; ) {
        Leftovers.class.wait(left);
        left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    OPEN.forEach(Leftovers::delete);
  }

  /** Another thread may still be writing into it. */
  private static void delete(Path path) {
    for (int i = 0; i < ATTEMPTS; i++) {
      try {
        Disk.delete(path);
        return;
      } catch (IOException e) {
        // Try again: a file was added since the content was listed.
      }
    }
  }
}
