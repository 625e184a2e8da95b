package dev.mlit.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/** Some images of a split, in its order: of every class the same share. */
final class LabelFraction implements Split {
  private final Split split;
  private final int[] chosen;

  private LabelFraction(Split split, int[] chosen) {
    this.split = split;
    this.chosen = chosen;
  }

  /** See {@link Dataset#withLabels}. */
  static Split of(Split split, List<String> labels, double fraction, long seed) {
    if (!(fraction > 0 && fraction <= 1)) {
      throw new IllegalArgumentException(fraction + " must be above 0 and at most 1");
    }
    List<List<Integer>> byClass = new ArrayList<>();
    labels.forEach(label -> byClass.add(new ArrayList<>()));
    for (int i = 0; i < split.size(); i++) {
      byClass.get(split.label(i)).add(i);
    }
    SplittableRandom seeds = new SplittableRandom(seed);
    List<Integer> chosen = new ArrayList<>();
    for (List<Integer> images : byClass) {
      Collections.shuffle(images, new Random(seeds.nextLong()));
      long wanted = Math.max(1, Math.round(images.size() * fraction));
      chosen.addAll(images.subList(0, (int) Math.min(wanted, images.size())));
    }
    return new LabelFraction(split, chosen.stream().mapToInt(i -> i).sorted().toArray());
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
    // All of it is read, so that other parts of the same images are there, too.
    split.load(done -> progress.accept((int) ((long) done * chosen.length / split.size())));
  }

  @Override
  public boolean slow() {
    return split.slow();
  }
}
