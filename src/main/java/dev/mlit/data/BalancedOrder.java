package dev.mlit.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * An order of training images in which every class is as frequent as any other: as many images as
 * the split has, those of small classes several times, each of them as often as the others of its
 * class, give or take one.
 */
final class BalancedOrder {
  private BalancedOrder() {}

  /**
   * The order of an epoch.
   *
   * @param seed of that epoch
   */
  static int[] of(Split split, long seed) {
    // Java specifies the numbers of Random to the bit.
    Random random = new Random(seed);
    List<int[]> classes = byClass(split);
    // Which classes get one image more than others is drawn, too.
    int[] turns = IntStream.range(0, classes.size()).toArray();
    Batches.shuffle(turns, random);
    classes.forEach(images -> Batches.shuffle(images, random));
    int[] order = new int[split.size()];
    for (int i = 0; i < order.length; i++) {
      int[] images = classes.get(turns[i % turns.length]);
      order[i] = images[i / turns.length % images.length];
    }
    Batches.shuffle(order, random);
    return order;
  }

  /** The images of every class that has some, by label. */
  private static List<int[]> byClass(Split split) {
    TreeMap<Integer, List<Integer>> images = new TreeMap<>();
    for (int i = 0; i < split.size(); i++) {
      images.computeIfAbsent(split.label(i), label -> new ArrayList<>()).add(i);
    }
    return images.values().stream()
        .map(of -> of.stream().mapToInt(Integer::intValue).toArray())
        .toList();
  }
}
