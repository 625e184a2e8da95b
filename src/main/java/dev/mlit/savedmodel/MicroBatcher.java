package dev.mlit.savedmodel;

import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets the calls of many threads go through a model together.
 *
 * <p>It has no thread: the call that opens a batch waits until the batch is full or its time is up,
 * runs it, and hands the others their answers. Meanwhile the next batch forms.
 */
final class MicroBatcher {
  private final int most;
  private final long nanos;
  private final Model model;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Group forming;

  /** What is computed for some images. */
  @FunctionalInterface
  interface Model {
    /**
     * Computes the values of some images.
     *
     * @param images one after another
     * @return as many values for each of them
     */
    float[] run(float[] images, int count);
  }

  /**
   * Batches for a model.
   *
   * @param most images in a batch
   * @param longest time that the first call of a batch waits for others
   */
  MicroBatcher(int most, Duration longest, Model model) {
    this.most = most;
    this.nanos = longest.toNanos();
    this.model = model;
  }

  /** The calls that go through the model together. */
  private final class Group {
    private final List<float[]> calls = new ArrayList<>();
    private final Condition closing = lock.newCondition();
    private final CompletableFuture<float[]> answers = new CompletableFuture<>();
    private int images;
    private boolean closed;
  }

  /**
   * The model's values for some images, in a batch with those of other threads. The thread's
   * interruption ends the waiting for others, and is kept.
   *
   * @param images that were checked: one that the model refuses would fail the whole batch
   */
  float[] run(float[] images, int count) {
    if (count >= most) {
      return model.run(images, count);
    }
    Group group;
    int first;
    boolean leads;
    lock.lock();
    try {
      if (forming != null && forming.images + count > most) {
        close(forming);
      }
      leads = forming == null;
      group = forming == null ? new Group() : forming;
      forming = group;
      first = group.images;
      group.calls.add(images);
      group.images += count;
      if (group.images == most) {
        close(group);
      }
      if (leads) {
        awaitOthers(group);
      }
    } finally {
      lock.unlock();
    }
    if (leads) {
      lead(group);
    }
    float[] answers = answers(group);
    int each = answers.length / group.images;
    return Arrays.copyOfRange(answers, first * each, (first + count) * each);
  }

  private void close(Group group) {
    group.closed = true;
    group.closing.signal();
    if (forming == group) {
      forming = null;
    }
  }

  private void awaitOthers(Group group) {
    try {
      long left = nanos;
      while (!group.closed && left > 0) {
        left = group.closing.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close(group);
  }

  private void lead(Group group) {
    try {
      group.answers.complete(model.run(joined(group), group.images));
    } catch (RuntimeException | Error e) {
      group.answers.completeExceptionally(e);
      throw e;
    }
  }

  private static float[] joined(Group group) {
    if (group.calls.size() == 1) {
      return group.calls.get(0);
    }
    FloatBuffer joined = FloatBuffer.allocate(group.calls.stream().mapToInt(c -> c.length).sum());
    group.calls.forEach(joined::put);
    return joined.array();
  }

  private static float[] answers(Group group) {
    try {
      return group.answers.join();
    } catch (CompletionException e) {
      throw new IllegalStateException("the batch that this call was in failed", e.getCause());
    }
  }
}
