package dev.mlit.train;

import dev.mlit.data.Dataset;
import dev.mlit.data.Split;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.testing.TinyData;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Images that count how often one of them is read, or even its label; they may be damaged. */
final class CountedSplit implements Split {
  private final Split images;
  private final AtomicInteger reads = new AtomicInteger();
  private volatile String damage = "";
  private volatile Runnable onFirstRead = () -> {};

  private CountedSplit(Split images) {
    this.images = images;
  }

  static CountedSplit of(Split images) {
    return new CountedSplit(images);
  }

  /** Images to train and to validate on, with these as the test images. */
  Dataset dataset() {
    Dataset data = TinyData.validated(50, 20, images.size());
    return Dataset.of(
        data.name(),
        data.labels(),
        data.shape(),
        data.train(),
        data.validation().orElseThrow(),
        this);
  }

  /** Images to train on, none to validate on, with these as the test images. */
  Dataset unvalidated() {
    Dataset data = dataset();
    return Dataset.of(data.name(), data.labels(), data.shape(), data.train(), this);
  }

  /** Calls of {@link #label}, {@link #pixels} and {@link #load} so far. */
  int reads() {
    return reads.get();
  }

  /** Is called before the first read. */
  void onFirstRead(Runnable action) {
    onFirstRead = action;
  }

  private void count() {
    if (reads.getAndIncrement() == 0) {
      onFirstRead.run();
    }
  }

  /** Every image cannot be read from here on, with this message; empty to mend them. */
  void damage(String message) {
    damage = message;
  }

  @Override
  public int size() {
    return images.size();
  }

  @Override
  public int label(int index) {
    count();
    return images.label(index);
  }

  @Override
  public void pixels(int index, byte[] target, int offset) {
    count();
    if (!damage.isEmpty()) {
      throw new InvalidInputException(damage);
    }
    images.pixels(index, target, offset);
  }

  @Override
  public void load(IntConsumer progress) {
    count();
    progress.accept(images.size());
  }
}
