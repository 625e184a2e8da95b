package dev.mlit.serve;

import dev.mlit.files.DaemonThreads;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Lets a bounded number of requests to the model in, and computes them in the order in which they
 * were read.
 *
 * <p>A request is in from its head to its answer, so that bodies that are being read count as well.
 */
final class Admission implements AutoCloseable {
  private static final int IDLE_SECONDS = 10;

  private final int most;
  private final long longestWaitNanos;
  private final Semaphore free;
  private final ThreadPoolExecutor threads;

  /**
   * Room for requests.
   *
   * @param most requests at a time
   * @param computing how many of them are computed at a time
   * @param longestWait after which a request that still waits for its turn is refused
   */
  Admission(int most, int computing, Duration longestWait) {
    this.most = most;
    this.longestWaitNanos = longestWait.toNanos();
    this.free = new Semaphore(most);
    // Its queue needs no bound: nothing comes into it without a place.
    this.threads =
        new ThreadPoolExecutor(
            computing,
            computing,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            DaemonThreads.named("mlit-serve"));
    threads.allowCoreThreadTimeOut(true);
  }

  /** A place of a request; given back once. */
  final class Place {
    private final AtomicBoolean held = new AtomicBoolean(true);

    void giveBack() {
      if (held.getAndSet(false)) {
        free.release();
      }
    }
  }

  /**
   * A place for a request.
   *
   * @throws RequestException if all are taken
   */
  Place enter() {
    if (!free.tryAcquire()) {
      throw new RequestException(
          RequestException.TOO_MANY_REQUESTS, most + " requests are waiting; try again later");
    }
    return new Place();
  }

  /**
   * Computes something when its turn comes.
   *
   * @param refused is called instead where the turn comes too late
   */
  void compute(Runnable work, Runnable refused) {
    long since = System.nanoTime();
    threads.execute(
        () -> {
          if (System.nanoTime() - since > longestWaitNanos) {
            refused.run();
          } else {
            work.run();
          }
        });
  }

  /** Requests that are in. */
  int requests() {
    return most - free.availablePermits();
  }

  /** Requests that were read and wait for their turn. */
  int waiting() {
    return threads.getQueue().size();
  }

  /**
   * Lets no request in any more and waits for those that are computed; the others are forgotten, as
   * the server has ended before.
   */
  @Override
  public void close() {
    threads.getQueue().clear();
    threads.shutdown();
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = threads.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
