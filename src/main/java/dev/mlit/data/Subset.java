package dev.mlit.data;

import java.util.Optional;
import java.util.function.IntConsumer;

/** Some images of a split. */
final class Subset implements Split {
  private final Split split;
  private final int[] chosen;

  /**
   * A view of a split.
   *
   * @param chosen the indices of its images, in their order here; not copied
   */
  Subset(Split split, int[] chosen) {
    this.split = split;
    this.chosen = chosen;
  }

  @Override
  public int size() {
    return chosen.length;
  }

  @Override
  public int label(int index) {
    return split.label(chosen[index]);
  }

  @Override
  public void pixels(int index, byte[] target, int offset) {
    split.pixels(chosen[index], target, offset);
  }

  @Override
  public void load(IntConsumer progress) {
    // Loads the whole split, which other subsets may share.
    split.load(done -> progress.accept((int) ((long) done * chosen.length / split.size())));
  }

  @Override
  public boolean slow() {
    return split.slow();
  }

  @Override
  public Optional<String> file(int index) {
    return split.file(chosen[index]);
  }
}
