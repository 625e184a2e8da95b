package dev.mlit.testing;

import dev.mlit.data.Dataset;
import dev.mlit.data.MemorySplit;
import dev.mlit.data.Split;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.OptimizerSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.RunSpecBuilder;
import java.util.List;
import java.util.Random;

/**
 * A model of 2,317 parameters, images that it learns in a second, and runs of it. Both ends of the
 * tests are made of these: what trains a model, and what needs one that is trained.
 */
public final class TinyData {
  private static final int SIDE = 8;
  private static final int DARK = 40;
  private static final int BRIGHT = 200;

  private TinyData() {}

  /** Gray images of 8x8 in three classes, four patches, two blocks, two and three experts. */
  public static ModelSpec model() {
    return ModelSpec.builder("tiny")
        .image(SIDE, SIDE, 1)
        .patch(4)
        .embedding(12)
        .attention(2, 1)
        .stage(1, 2)
        .stage(1, 3)
        .hidden(8, 6)
        .classes(3)
        .build();
  }

  /** A run of {@link #model} on {@link #dataset}: one epoch of batches of 16, unless changed. */
  public static RunSpecBuilder run() {
    return RunSpec.builder("tiny")
        .model(model())
        .data("tiny")
        .training(t -> t.epochs(1).batch(16).seed(1))
        .optimizer(o -> o.name(OptimizerSpec.Name.ADAMW).learningRate(0.01))
        .schedule(s -> s.warmupEpochs(0))
        .build()
        .toBuilder();
  }

  /**
   * Gray images of 8x8 in three classes that anyone can tell apart, mirrored or not: the upper half
   * is bright, the lower half is, or none.
   *
   * @param train the number of images to train on
   * @param test the number of images to test on
   */
  public static Dataset dataset(int train, int test) {
    return dataset(List.of("up", "down", "dark"), train, test);
  }

  /** As {@link #dataset(int, int)}, with other images to validate on. */
  public static Dataset validated(int train, int validation, int test) {
    Dataset data = dataset(train, test);
    return Dataset.of(
        data.name(),
        data.labels(),
        data.shape(),
        data.train(),
        split(data.labels().size(), validation, 3),
        data.test());
  }

  /** As {@link #dataset(int, int)}, with other names; images of a fourth class are all bright. */
  public static Dataset dataset(List<String> labels, int train, int test) {
    return Dataset.of(
        "tiny",
        labels,
        new ImageShape(SIDE, SIDE, 1),
        split(labels.size(), train, 1),
        split(labels.size(), test, 2));
  }

  private static Split split(int classes, int images, long seed) {
    Random random = new Random(seed);
    byte[] pixels = new byte[images * SIDE * SIDE];
    int[] labels = new int[images];
    for (int i = 0; i < images; i++) {
      labels[i] = i % classes;
      for (int p = 0; p < SIDE * SIDE; p++) {
        boolean up = p < SIDE * SIDE / 2;
        boolean bright = labels[i] == 3 || labels[i] == (up ? 0 : 1);
        pixels[i * SIDE * SIDE + p] = (byte) ((bright ? BRIGHT : DARK) + random.nextInt(50) - 25);
      }
    }
    return new MemorySplit(pixels, labels, SIDE * SIDE);
  }
}
