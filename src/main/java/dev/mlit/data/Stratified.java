package dev.mlit.data;

import dev.mlit.spec.seed.RunSeed;
import dev.mlit.spec.text.NumberRule;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Draws the same share of the images of every class. Of the same seed, a smaller share is a part of
 * a larger one.
 */
final class Stratified {
  private Stratified() {}

  /** See {@link Dataset#withLabels}. */
  static int[] labelled(Dataset data, double fraction, long seed) {
    new NumberRule(0, 1, true, false).require("fraction", fraction);
    List<Integer> chosen = new ArrayList<>();
    for (List<Integer> images : shuffled(data, new RunSeed(seed).labels())) {
      long wanted = Math.max(1, Math.round(images.size() * fraction));
      chosen.addAll(images.subList(0, (int) Math.min(wanted, images.size())));
    }
    return sorted(chosen);
  }

  /**
   * The images to train on, and those to validate on.
   *
   * @see Dataset#withValidation
   */
  record Cut(int[] train, int[] validation) {}

  /** See {@link Dataset#withValidation}. */
  static Cut cut(Dataset data, double fraction, long seed) {
    NumberRule.PART.require("fraction", fraction);
    List<Integer> train = new ArrayList<>();
    List<Integer> validation = new ArrayList<>();
    for (List<Integer> images : shuffled(data, new RunSeed(seed).validation())) {
      long wanted = Math.max(1, Math.round(images.size() * fraction));
      int count = (int) Math.max(0, Math.min(wanted, images.size() - 1));
      validation.addAll(images.subList(0, count));
      train.addAll(images.subList(count, images.size()));
    }
    if (validation.isEmpty()) {
      throw new IllegalArgumentException(
          data.name()
              + " has no class of 2 or more training images, of which one could be left out");
    }
    return new Cut(sorted(train), sorted(validation));
  }

  /** The training images of every class, in an order that the seeds decide. */
  private static List<List<Integer>> shuffled(Dataset data, SplittableRandom seeds) {
    Split split = data.train();
    List<List<Integer>> byClass = new ArrayList<>();
    data.labels().forEach(label -> byClass.add(new ArrayList<>()));
    for (int i = 0; i < split.size(); i++) {
      byClass.get(split.label(i)).add(i);
    }
    byClass.forEach(images -> Collections.shuffle(images, new Random(seeds.nextLong())));
    return byClass;
  }

  private static int[] sorted(List<Integer> images) {
    return images.stream().mapToInt(i -> i).sorted().toArray();
  }
}
