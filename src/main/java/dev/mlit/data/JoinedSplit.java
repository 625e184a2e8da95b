package dev.mlit.data;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;

/** The images of several splits, one split after the other. */
final class JoinedSplit implements Split {
  private final List<Split> parts;
  private final int[] firstLabels;

  /** The number of images before each part; the last entry is the number of all. */
  private final int[] first;

  /**
   * Joins splits.
   *
   * @param firstLabels what the classes of each split are counted from
   * @throws ArithmeticException if there are 2^31 images or more
   */
  JoinedSplit(List<Split> parts, int[] firstLabels) {
    this.parts = List.copyOf(parts);
    this.firstLabels = firstLabels.clone();
    this.first = new int[parts.size() + 1];
    for (int i = 0; i < parts.size(); i++) {
      first[i + 1] = Math.addExact(first[i], parts.get(i).size());
    }
  }

  /** Which part an image is of. */
  private int part(int index) {
    Objects.checkIndex(index, size());
    int found = Arrays.binarySearch(first, index);
    if (found < 0) {
      return -found - 2;
    }
    // A part without images begins where the next one does.
    while (first[found + 1] == index) {
      found++;
    }
    return found;
  }

  @Override
  public int size() {
    return first[parts.size()];
  }

  @Override
  public int label(int index) {
    int part = part(index);
    return firstLabels[part] + parts.get(part).label(index - first[part]);
  }

  @Override
  public void pixels(int index, byte[] target, int offset) {
    int part = part(index);
    parts.get(part).pixels(index - first[part], target, offset);
  }

  @Override
  public void load(IntConsumer progress) {
    for (int i = 0; i < parts.size(); i++) {
      int before = first[i];
      parts.get(i).load(done -> progress.accept(before + done));
    }
  }

  @Override
  public boolean slow() {
    return parts.stream().anyMatch(Split::slow);
  }

  @Override
  public Optional<String> file(int index) {
    int part = part(index);
    return parts.get(part).file(index - first[part]);
  }
}
