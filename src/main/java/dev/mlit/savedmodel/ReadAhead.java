package dev.mlit.savedmodel;

import dev.mlit.data.image.Readers;
import dev.mlit.spec.InvalidInputException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Images that an executor's threads read before they are asked for, and that come in order. For one
 * thread, which reads what no other has begun to read.
 */
final class ReadAhead implements AutoCloseable {
  /** What pixels that are read ahead may take: thousands of small images, dozens of large ones. */
  private static final int MOST_BYTES = 1 << 26;

  /** Even the smallest images; a source may hold an image file's bytes. */
  private static final int MOST_IMAGES = 4096;

  private final InputImages input;
  private final Executor executor;
  private final Iterator<ImageSource> sources;
  private final int most;
  private final Deque<FutureTask<Image>> pending = new ArrayDeque<>();

  /**
   * Begins to read.
   *
   * @param sources where it is a {@link LiveSources}, no answer waits for an image that is not
   *     there yet
   */
  ReadAhead(InputImages input, Executor executor, Iterator<ImageSource> sources) {
    this.input = input;
    this.executor = executor;
    this.sources = sources;
    this.most = Math.max(Readers.THREADS + 1, Math.min(MOST_IMAGES, MOST_BYTES / input.bytes()));
    fill();
  }

  /**
   * An image that was read.
   *
   * @param name that of its source
   * @param pixels null if it could not be read
   */
  record Image(String name, byte @Nullable [] pixels, Optional<InvalidInputException> problem) {}

  /** Begins to read as many as may be read ahead, but waits for none to come. */
  private void fill() {
    while (pending.size() < most && isReady() && sources.hasNext()) {
      begin(sources.next());
    }
  }

  private boolean isReady() {
    return !(sources instanceof LiveSources live) || live.isReady();
  }

  private void begin(ImageSource source) {
    FutureTask<Image> task = new FutureTask<>(() -> read(source));
    pending.add(task);
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      // The thread that asks for it reads it.
    }
  }

  private Image read(ImageSource source) {
    try {
      return new Image(source.name(), input.pixels(source), Optional.empty());
    } catch (InvalidInputException e) {
      return new Image(source.name(), null, Optional.of(e));
    }
  }

  /**
   * The next images: as many as are asked for, or fewer where a live source has no more as yet.
   *
   * @return empty if there are no more
   */
  List<Image> next(int count) {
    List<Image> images = new ArrayList<>();
    while (images.size() < count) {
      fill();
      if (pending.isEmpty()) {
        if (!images.isEmpty() || !sources.hasNext()) {
          break;
        }
        begin(sources.next());
      }
      FutureTask<Image> task = pending.remove();
      // Does nothing where another thread has begun.
      task.run();
      images.add(Readers.await(task));
    }
    return images;
  }

  /** Drops what was read ahead; what has begun is read to its end. */
  @Override
  public void close() {
    pending.forEach(task -> task.cancel(false));
    pending.clear();
  }
}
