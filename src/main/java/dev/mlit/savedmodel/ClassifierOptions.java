package dev.mlit.savedmodel;

import dev.mlit.data.image.ImageFile;
import dev.mlit.data.image.Readers;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.text.NumberRule;
import dev.mlit.tensorflow.BatchParts;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * How a {@link Classifier} answers calls. The images of calls from many threads can go through the
 * model together, which takes it less time than one after another; what a call waits for others is
 * bounded. Off unless {@link #batch(int)} is set.
 *
 * @since 0.1.0
 */
public final class ClassifierOptions {
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private static final long USUAL_PIXELS = 64_000_000;

  private int batch = 1;
  private long maxPixels = USUAL_PIXELS;
  private Duration maxWait = Duration.ofMillis(2);
  private BatchParts batchParts = BatchParts.of(0);
  private Executor readers = Readers.pool();
  private IntConsumer batches = images -> {};

  ClassifierOptions() {}

  static ClassifierOptions of(Consumer<ClassifierOptions> settings) {
    ClassifierOptions options = new ClassifierOptions();
    settings.accept(options);
    return options;
  }

  /**
   * The most pixels of an image in a file or stream; 64 million unless set. What an image takes in
   * memory while it is read follows from its pixels, up to 8 bytes each, not from its file: one of
   * 150 bytes may claim any number. An image with more is refused before it is decoded.
   *
   * @throws IllegalArgumentException if it is below 1 or above 100 million
   */
  public ClassifierOptions maxPixels(long pixels) {
    this.maxPixels = NumberRule.between(1, ImageFile.MOST_PIXELS).require("maxPixels", pixels);
    return this;
  }

  /**
   * The most images that go through the model together; 1, each call by itself, unless set. A call
   * with as many images or more is never held back.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public ClassifierOptions batch(int images) {
    this.batch = NumberRule.atLeast(1).require("batch", images);
    return this;
  }

  /**
   * The longest time that a call waits for others to fill its batch, the computation not included;
   * 2 ms unless set.
   *
   * @throws IllegalArgumentException if it is negative or longer than 10 s
   */
  public ClassifierOptions maxWait(Duration longest) {
    if (longest.isNegative() || longest.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "maxWait " + longest + " must be at least 0 s and at most 10 s");
    }
    this.maxWait = longest;
    return this;
  }

  /**
   * The threads that read images and work at parts of a batch beside the one that calls; threads of
   * mlit's own, at most one a core, unless set. A call never waits for one that has not begun: with
   * a busy executor, or one that rejects, the calling thread does all of it.
   */
  public ClassifierOptions executor(Executor executor) {
    this.batchParts = BatchParts.of(0, executor);
    this.readers = executor;
    return this;
  }

  /**
   * Who is told of every batch that has gone through the model, such as for a service's metrics; no
   * one unless set.
   *
   * @param listener gets the number of its images, on the thread that computed them; it must be
   *     fast
   */
  public ClassifierOptions onBatch(IntConsumer listener) {
    this.batches = listener;
    return this;
  }

  BatchParts batchParts() {
    return batchParts;
  }

  /** Images of files, streams and memory for a model of this image size. */
  InputImages input(ImageShape size) {
    return new InputImages(size, maxPixels);
  }

  /** Begins to read images for a model of this image size. */
  ReadAhead reading(ImageShape size, Iterator<ImageSource> images) {
    return new ReadAhead(input(size), readers, images);
  }

  /** The model that answers calls, each by itself or many together. */
  MicroBatcher.Model around(MicroBatcher.Model model) {
    MicroBatcher.Model counted = counted(model);
    return batch == 1 ? counted : new MicroBatcher(batch, maxWait, counted)::run;
  }

  /** The model that answers every call by itself, its batches counted. */
  MicroBatcher.Model counted(MicroBatcher.Model model) {
    IntConsumer told = batches;
    return (images, count) -> {
      float[] values = model.run(images, count);
      told.accept(count);
      return values;
    };
  }
}
