package dev.mlit.data;

import dev.mlit.data.image.Readers;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.Future;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Hands out batches in order. Where reading is slow ({@link Split#slow}), other threads read the
 * next batches meanwhile; which images are in a batch does not depend on it. For one thread.
 *
 * <p>Close it where it may end early: what is read ahead is dropped then. Nothing leaks otherwise,
 * as no more is read than a few batches after the last that was asked for.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class BatchIterator implements Iterator<Batch>, AutoCloseable {
  private final Split split;
  private final int bytesPerImage;
  private final int batchSize;
  private final int[] order;
  private final Batches.Share share;
  private final int ahead;
  private final Deque<Pending> pending = new ArrayDeque<>();
  private int handedOut;
  private int begun;

  BatchIterator(Split split, int bytesPerImage, int batchSize, int[] order, Batches.Share share) {
    this.split = split;
    this.bytesPerImage = bytesPerImage;
    this.batchSize = batchSize;
    this.order = order;
    this.share = share;
    int chunksPerBatch = Math.max(0, share.size(batchSize) - 1) / Readers.CHUNK + 1;
    // Enough for all threads, and one to hand over while the next is read.
    this.ahead = split.slow() ? 1 + (Readers.THREADS - 1) / chunksPerBatch + 1 : 0;
  }

  private record Pending(Batch batch, List<Future<?>> chunks) {}

  @Override
  public boolean hasNext() {
    return handedOut < order.length;
  }

  /**
   * The next batch.
   *
   * @throws dev.mlit.spec.InvalidInputException if an image of this batch cannot be read
   * @throws NoSuchElementException if there is none
   * @throws IllegalStateException if the thread is interrupted while it waits
   */
  @Override
  public Batch next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    while (begun < order.length && pending.size() <= ahead) {
      pending.add(begin());
    }
    Pending next = pending.remove();
    try {
      next.chunks().forEach(Readers::await);
    } catch (RuntimeException | Error e) {
      Readers.cancel(next.chunks());
      close();
      throw e;
    }
    handedOut += next.batch().whole();
    return next.batch();
  }

  private Pending begin() {
    int first = begun;
    int wholeSize = Math.min(batchSize, order.length - first);
    int size = share.size(wholeSize);
    byte[] pixels = new byte[Math.multiplyExact(size, bytesPerImage)];
    int[] labels = new int[size];
    begun += wholeSize;
    for (int i = 0; i < size; i++) {
      labels[i] = split.label(image(first, i));
    }
    Batch batch = new Batch(pixels, labels, wholeSize);
    if (ahead > 0) {
      return new Pending(batch, Readers.read(size, i -> read(first, i, pixels)));
    }
    for (int i = 0; i < size; i++) {
      read(first, i, pixels);
    }
    return new Pending(batch, List.of());
  }

  private void read(int first, int i, byte[] pixels) {
    split.pixels(image(first, i), pixels, i * bytesPerImage);
  }

  /** The image of the split that is the i-th of a share, of the batch that begins at first. */
  private int image(int first, int i) {
    return order[first + share.index() + i * share.of()];
  }

  /** Drops what was read ahead; there is no next batch from here on. */
  @Override
  public void close() {
    pending.forEach(batch -> Readers.cancel(batch.chunks()));
    pending.clear();
    handedOut = order.length;
    begun = order.length;
  }
}
