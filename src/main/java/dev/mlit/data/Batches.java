package dev.mlit.data;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.TrainingSpec;
import dev.mlit.spec.seed.RunSeed;
import dev.mlit.spec.text.NumberRule;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * A split in batches: every image once, the last batch smaller if the batch size does not divide
 * the number of images. It can be iterated any number of times, always in the same order. Images
 * are read when their batch is asked for, slow ones ahead of that; see {@link BatchIterator}.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class Batches implements Iterable<Batch> {
  private final Split split;
  private final int bytesPerImage;
  private final int batchSize;
  private final int[] order;
  private final Share share;

  private Batches(Split split, int bytesPerImage, int batchSize, int[] order, Share share) {
    this.split = split;
    this.bytesPerImage = bytesPerImage;
    this.batchSize = NumberRule.atLeast(1).require("batchSize", batchSize);
    this.order = order;
    this.share = share;
  }

  /**
   * Which images of every batch are read: image {@code index}, and every {@code of}-th after it.
   *
   * @param index of a worker, from 0
   * @param of workers that share a batch
   */
  public record Share(int index, int of) {
    static final Share ALL = new Share(0, 1);

    /**
     * A share of every batch.
     *
     * @throws IndexOutOfBoundsException unless 0 &lt;= {@code index} &lt; {@code of}
     */
    public Share {
      Objects.checkIndex(index, of);
    }

    /** The number of images in this share of a batch, or of the first images of a batch. */
    public int size(int batch) {
      return Math.max(0, (batch - index + of - 1) / of);
    }
  }

  /**
   * Batches in the order of the split, to measure on.
   *
   * @param shape the size of the split's images
   * @param batchSize images per batch, at least 1
   * @throws IllegalArgumentException if {@code batchSize} is below 1
   */
  public static Batches inOrder(Split split, ImageShape shape, int batchSize) {
    return new Batches(
        split, shape.values(), batchSize, IntStream.range(0, split.size()).toArray(), Share.ALL);
  }

  /**
   * Batches in an order that depends on the number of images, the seed and the epoch only, to train
   * on: the same on every machine, and at once available to a run that resumes at this epoch.
   *
   * @param shape the size of the split's images
   * @param batchSize images per batch, at least 1
   * @param seed the run's seed, any number
   * @param epoch the epoch, any number; another one is another order
   * @throws IllegalArgumentException if {@code batchSize} is below 1
   */
  public static Batches shuffled(
      Split split, ImageShape shape, int batchSize, long seed, int epoch) {
    return new Batches(
        split, shape.values(), batchSize, permutation(split.size(), seed, epoch), Share.ALL);
  }

  /** The batches of an epoch of a run: its size of a batch, its seed, its sampling. */
  public static Batches ofEpoch(TrainingSpec training, Split split, ImageShape shape, int epoch) {
    return switch (training.sampling()) {
      case SHUFFLED -> shuffled(split, shape, training.batch(), training.seed(), epoch);
      case BALANCED -> balanced(split, shape, training.batch(), training.seed(), epoch);
    };
  }

  /**
   * As {@link #shuffled}, of as many images, but of every class the same number, give or take one;
   * those of a small class come several times. They depend on the labels, the seed and the epoch
   * only.
   */
  public static Batches balanced(
      Split split, ImageShape shape, int batchSize, long seed, int epoch) {
    int[] order = BalancedOrder.of(split, new RunSeed(seed).order(epoch));
    return new Batches(split, shape.values(), batchSize, order, Share.ALL);
  }

  /**
   * These batches without the first ones, for a run that resumes within an epoch; what is left out
   * is not read.
   *
   * @param batch the first one, counted from 0; {@link #count} leaves none
   * @throws IndexOutOfBoundsException unless 0 &lt;= {@code batch} &lt;= {@link #count}
   */
  public Batches startingAt(int batch) {
    Objects.checkIndex(batch, count() + 1);
    int first = (int) Math.min(order.length, (long) batch * batchSize);
    return new Batches(
        split, bytesPerImage, batchSize, Arrays.copyOfRange(order, first, order.length), share);
  }

  /**
   * A worker's share of every batch. The shares of all workers are the batch; in a small one, some
   * may be empty.
   */
  public Batches of(Share share) {
    return new Batches(split, bytesPerImage, batchSize, order, share);
  }

  /**
   * Every {@code workers}-th of these batches, whole, from batch {@code index} on.
   *
   * @throws IndexOutOfBoundsException unless 0 &lt;= {@code index} &lt; {@code workers}
   */
  public Batches every(int index, int workers) {
    Objects.checkIndex(index, workers);
    // All but the last are full, so that the images that are left fall into the same batches.
    int[] dealt =
        IntStream.range(0, order.length)
            .filter(i -> i / batchSize % workers == index)
            .map(i -> order[i])
            .toArray();
    return new Batches(split, bytesPerImage, batchSize, dealt, share);
  }

  /** The number of batches. */
  public int count() {
    return (int) (((long) order.length + batchSize - 1) / batchSize);
  }

  @Override
  public BatchIterator iterator() {
    return new BatchIterator(split, bytesPerImage, batchSize, order, share);
  }

  private static int[] permutation(int size, long seed, int epoch) {
    // Java specifies the numbers of Random to the bit, so that no version of it changes the order.
    Random random = new Random(new RunSeed(seed).order(epoch));
    int[] order = IntStream.range(0, size).toArray();
    shuffle(order, random);
    return order;
  }

  /** The shuffle of Fisher and Yates. */
  static void shuffle(int[] order, Random random) {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
  }
}
