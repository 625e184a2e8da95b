package dev.mlit.files;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes mlit's threads, which are not in the JVM's common pool and never keep a program from
 * ending.
 *
 * @since 0.1.0
 */
public final class DaemonThreads {
  private DaemonThreads() {}

  /** Makes threads that are called {@code NAME-1}, {@code NAME-2} and so on. */
  public static ThreadFactory named(String name) {
    AtomicInteger started = new AtomicInteger();
    return work -> {
      Thread thread = new Thread(work, name + "-" + started.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * A pool of threads that end when there is nothing to do.
   *
   * @param threads at most
   * @param idleSeconds after which a thread ends
   */
  public static Executor pool(String name, int threads, int idleSeconds) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            idleSeconds,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            named(name));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }
}
