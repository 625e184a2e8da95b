package dev.mlit.photos;

import dev.mlit.data.LabelledFiles;
import dev.mlit.data.image.Readers;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What was found by decoding image files, each of them, or as many as there was time for.
 *
 * @param shapes the sizes of those that can be read
 * @param unreadable those that cannot
 * @param files how many there are
 * @param seconds that it took
 * @since 0.1.0
 */
public record Look(
    List<ImageShape> shapes, List<Unreadable> unreadable, int files, double seconds) {
  /**
   * A file that cannot be read.
   *
   * @param path in the folder or archive
   * @param problem names it and says what is wrong
   */
  public record Unreadable(String path, String problem) {}

  /** Copies the lists. */
  public Look {
    shapes = List.copyOf(shapes);
    unreadable = List.copyOf(unreadable);
  }

  /** The files that were looked at. */
  int looked() {
    return shapes.size() + unreadable.size();
  }

  /**
   * Looks at all files.
   *
   * @param progress gets the number of those that are done, now and then
   */
  public static Look at(LabelledFiles files, IntConsumer progress) {
    return at(List.of(files), Double.POSITIVE_INFINITY, progress);
  }

  /**
   * Looks at files, in an order that is drawn, until all are seen or the time is over.
   *
   * @param seconds that it may take
   * @param progress gets the number of those that are done, now and then
   */
  static Look at(List<LabelledFiles> parts, double seconds, IntConsumer progress) {
    long start = System.nanoTime();
    List<Found> found = new ArrayList<>();
    for (LabelledFiles part : parts) {
      IntStream.range(0, part.size()).forEach(i -> found.add(new Found(part, i)));
    }
    Collections.shuffle(found, new Random(1));
    List<Future<?>> chunks = Readers.read(found.size(), i -> found.get(i).look());
    try {
      for (int i = 0; i < chunks.size() && isDone(chunks.get(i), start, seconds); i++) {
        progress.accept(Math.min((i + 1) * Readers.CHUNK, found.size()));
      }
    } finally {
      Readers.cancel(chunks);
    }
    List<ImageShape> shapes = new ArrayList<>();
    List<Unreadable> unreadable = new ArrayList<>();
    for (Found file : found) {
      ImageShape shape = file.shape;
      String problem = file.problem;
      if (shape != null) {
        shapes.add(shape);
      } else if (problem != null) {
        unreadable.add(new Unreadable(file.part.path(file.index), problem));
      }
    }
    unreadable.sort((a, b) -> a.path.compareTo(b.path));
    return new Look(shapes, unreadable, found.size(), (System.nanoTime() - start) / 1e9);
  }

  private static boolean isDone(Future<?> chunk, long start, double seconds) {
    double left = seconds - (System.nanoTime() - start) / 1e9;
    if (Double.isFinite(left)) {
      try {
        chunk.get((long) (Math.max(0, left) * 1000), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        return false;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      } catch (ExecutionException e) {
        Readers.await(chunk);
      }
    }
    Readers.await(chunk);
    return true;
  }

  /** A file, and what was found. */
  private static final class Found {
    private final LabelledFiles part;
    private final int index;
    private volatile @Nullable ImageShape shape;
    private volatile @Nullable String problem;

    Found(LabelledFiles part, int index) {
      this.part = part;
      this.index = index;
    }

    void look() {
      try {
        shape = part.shape(index);
      } catch (InvalidInputException e) {
        problem = e.getMessage();
      }
    }
  }
}
