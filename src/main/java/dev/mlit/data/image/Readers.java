package dev.mlit.data.image;

import dev.mlit.files.DaemonThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.IntConsumer;

/**
 * The threads that read images: one for every core, shared by all datasets. They end when there is
 * nothing to do, and never keep a program from ending.
 *
 * @since 0.1.0
 */
public final class Readers {
  /** Images that one thread reads at a time: enough for the hand-over to cost nothing. */
  public static final int CHUNK = 16;

  public static final int THREADS = Math.min(Runtime.getRuntime().availableProcessors(), 32);

  private static final int IDLE_SECONDS = 5;
  private static final Executor POOL = DaemonThreads.pool("mlit-images", THREADS, IDLE_SECONDS);

  private Readers() {}

  /**
   * Reads {@code count} images, a chunk at a time.
   *
   * @param reader reads the image of a number; called by several threads at once
   * @return the chunks, in order
   */
  public static List<Future<?>> read(int count, IntConsumer reader) {
    List<Future<?>> chunks = new ArrayList<>();
    for (int first = 0; first < count; first += CHUNK) {
      int from = first;
      int to = Math.min(first + CHUNK, count);
      FutureTask<?> task =
          new FutureTask<>(
              () -> {
                for (int i = from; i < to; i++) {
                  reader.accept(i);
                }
              },
              null);
      chunks.add(task);
      POOL.execute(task);
    }
    return chunks;
  }

  /** The threads. */
  public static Executor pool() {
    return POOL;
  }

  /**
   * Waits for a chunk, or for one image. What its reader threw is thrown here.
   *
   * @throws InterruptedReadException if this thread is interrupted, which it stays
   */
  public static <T> T await(Future<T> chunk) {
    try {
      return chunk.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedReadException(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException problem) {
        throw problem;
      }
      if (e.getCause() instanceof Error problem) {
        throw problem;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Cancels chunks that nobody waits for any more; one that has begun is read to its end. */
  public static void cancel(List<Future<?>> chunks) {
    chunks.forEach(chunk -> chunk.cancel(false));
  }
}
