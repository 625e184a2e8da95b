package dev.mlit.tensorflow;

import dev.mlit.files.DaemonThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Works on parts of a batch side by side: on the calling thread, and on those of an executor as far
 * as it has some to spare. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class BatchParts {
  private static final int IDLE_SECONDS = 10;

  /** Threads for the whole process, at most one a core. */
  private static final Executor POOL =
      DaemonThreads.pool("mlit-part", Runtime.getRuntime().availableProcessors(), IDLE_SECONDS);

  private final int threads;
  private final Executor executor;

  private BatchParts(int threads, Executor executor) {
    this.threads = threads;
    this.executor = executor;
  }

  /**
   * Parts for threads of mlit's own, which end when there is nothing to do and never keep a program
   * from ending.
   *
   * @param threads that work; 0 for one per core
   */
  public static BatchParts of(int threads) {
    return new BatchParts(threads, POOL);
  }

  /**
   * Parts for threads of an executor.
   *
   * @param threads that work; 0 for one per core
   */
  public static BatchParts of(int threads, Executor executor) {
    return new BatchParts(threads, executor);
  }

  /** Work on some of the images of a batch. */
  @FunctionalInterface
  public interface Part<T> {
    /** Works on {@code count} images, from {@code first} on. */
    T run(int first, int count);
  }

  /**
   * Works on a batch, as many parts side by side as there are threads. The calling thread never
   * waits for a thread that has not begun: it does that part itself.
   *
   * @return what the parts gave, in the order of the images
   */
  public <T> List<T> run(int images, Part<T> work) {
    return run(Sessions.parts(threads, images), images, work);
  }

  /** Works on items one by one, as many at a time as there are threads. */
  public <S, T> List<T> map(List<S> items, Function<S, T> work) {
    return run(items.size(), items.size(), (first, count) -> work.apply(items.get(first)));
  }

  private <T> List<T> run(int parts, int images, Part<T> work) {
    Map<Integer, T> done = new ConcurrentSkipListMap<>();
    AtomicInteger next = new AtomicInteger();
    Runnable loop =
        () -> {
          for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
            int first = (int) ((long) images * part / parts);
            int end = (int) ((long) images * (part + 1) / parts);
            done.put(part, work.run(first, end - first));
          }
        };
    List<Helper> helpers = new ArrayList<>();
    for (int i = 1; i < Math.min(Sessions.computing(threads), parts); i++) {
      helpers.add(new Helper(loop));
    }
    helpers.forEach(helper -> helper.startOn(executor));
    try {
      loop.run();
    } finally {
      // After a failure, the others shall not begin another part.
      next.set(parts);
      helpers.forEach(Helper::join);
    }
    helpers.forEach(Helper::rethrow);
    return List.copyOf(done.values());
  }

  /** What a thread of the executor does, if it comes to it before the work is done. */
  private static final class Helper implements Runnable {
    private final Runnable loop;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable RuntimeException failure;
    private volatile @Nullable Error fault;

    Helper(Runnable loop) {
      this.loop = loop;
    }

    void startOn(Executor executor) {
      try {
        executor.execute(this);
      } catch (RejectedExecutionException e) {
        // The calling thread does all of it.
      }
    }

    @Override
    public void run() {
      if (!begun.compareAndSet(false, true)) {
        return;
      }
      try {
        loop.run();
      } catch (RuntimeException e) {
        failure = e;
      } catch (Error e) {
        fault = e;
      } finally {
        ended.countDown();
      }
    }

    /** Waits until it is done, or sees to it that it never begins. An interrupt waits, too. */
    void join() {
      if (begun.compareAndSet(false, true)) {
        return;
      }
      boolean interrupted = false;
      while (true) {
        try {
          ended.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    void rethrow() {
      RuntimeException failed = failure;
      if (failed != null) {
        throw failed;
      }
      Error broken = fault;
      if (broken != null) {
        throw broken;
      }
    }
  }
}
