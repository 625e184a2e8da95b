package dev.mlit.augment;

import dev.mlit.augment.AugmentationSpace.Operation;
import dev.mlit.spec.AugmentationSpec;
import dev.mlit.spec.AugmentationSpec.Fill;
import dev.mlit.spec.AugmentationSpec.RandAugment;
import dev.mlit.spec.AugmentationSpec.TrivialAugmentWide;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.seed.RandomStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Unstack;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * RandAugment (Cubuk et al. 2020) and TrivialAugment (Mueller and Hutter 2021) as torchvision does
 * them to bytes: for every image other operations, and for every image and operation another sign
 * and, with TrivialAugment, another magnitude.
 *
 * <p>Images are rounded to bytes first, and stay so.
 */
final class RandomOperations {
  private static final float WHITE = 255;

  private static final int SIGNS = 2;

  /** Numbers drawn for every image and round: for operation, magnitude and sign. */
  private static final int DRAWN = 3;

  private final Ops tf;
  private final ImageShape shape;
  private final Fill fill;

  RandomOperations(Ops tf, ImageShape shape, Fill fill) {
    this.tf = tf;
    this.shape = shape;
    this.fill = fill;
  }

  /**
   * Changes a batch by what is drawn; the same operand where the spec has neither of the two.
   *
   * @param images [images, height, width, channels] in [0, 1]
   */
  static Operand<TFloat32> apply(
      Ops tf, Operand<TFloat32> images, AugmentationSpec spec, ImageShape shape, Draws draws) {
    RandomOperations operations = new RandomOperations(tf, shape, spec.fill());
    RandAugment rand = spec.randAugment();
    TrivialAugmentWide trivial = spec.trivialAugmentWide();
    if (rand != null) {
      AugmentationSpace space = AugmentationSpace.randAugment(rand.numMagnitudeBins(), shape);
      int[] bins = {rand.magnitude()};
      return operations.apply(
          images, table(space, bins, shape), draw(tf, draws, rand.numOps(), bins.length));
    } else if (trivial != null) {
      int[] bins = IntStream.range(0, trivial.numMagnitudeBins()).toArray();
      AugmentationSpace space = AugmentationSpace.trivialAugmentWide(bins.length);
      return operations.apply(images, table(space, bins, shape), draw(tf, draws, 1, bins.length));
    }
    return images;
  }

  /** The parameters of every operation at every one of these bins with either sign. */
  static float[][] table(AugmentationSpace space, int[] bins, ImageShape shape) {
    List<float[]> rows = new ArrayList<>();
    for (Operation operation : Operation.values()) {
      for (int bin : bins) {
        float magnitude = space.magnitude(operation, bin);
        rows.add(Effect.of(operation, magnitude, shape));
        rows.add(Effect.of(operation, operation.isSigned() ? -magnitude : magnitude, shape));
      }
    }
    return rows.toArray(float[][]::new);
  }

  /**
   * Draws rows of a table of so many bins, the operation, the bin and the sign each with the same
   * chance: for every round [images].
   */
  static List<Operand<TInt32>> draw(Ops tf, Draws draws, int rounds, int bins) {
    Operand<TFloat32> numbers = draws.uniform(RandomStream.OPERATIONS, new int[] {rounds, DRAWN});
    Operand<TFloat32> sizes = tf.constant(new float[] {Operation.values().length, bins, SIGNS});
    Operand<TInt32> chosen =
        tf.dtypes.cast(tf.math.floor(tf.math.mul(numbers, sizes)), TInt32.class);
    Operand<TInt32> strides = tf.constant(new int[] {bins * SIGNS, SIGNS, 1});
    Operand<TInt32> rows = tf.sum(tf.math.mul(chosen, strides), tf.constant(2));
    return List.copyOf(tf.unstack(rows, (long) rounds, Unstack.axis(1L)).output());
  }

  /**
   * Applies a row of a table to every image, round by round.
   *
   * @param images [images, height, width, channels] in [0, 1]
   * @param table as of {@link #table}
   * @param rounds the rows, for every round [images]
   */
  Operand<TFloat32> apply(Operand<TFloat32> images, float[][] table, List<Operand<TInt32>> rounds) {
    Operand<TFloat32> changed = tf.math.rint(tf.math.mul(images, tf.constant(WHITE)));
    Operand<TFloat32> effects = tf.constant(table);
    for (Operand<TInt32> rows : rounds) {
      changed = round(changed, tf.gather(effects, rows, tf.constant(0)));
    }
    return tf.math.div(changed, tf.constant(WHITE));
  }

  /**
   * One operation for every image.
   *
   * @param images whole numbers from 0 to 255
   * @param effects [images, parameters]
   */
  private Operand<TFloat32> round(Operand<TFloat32> images, Operand<TFloat32> effects) {
    int height = shape.height();
    int width = shape.width();
    int channels = shape.channels();
    List<Operand<TFloat32>> of =
        List.copyOf(tf.unstack(effects, (long) Effect.PARAMETERS, Unstack.axis(1L)).output());
    Operand<TFloat32> moved =
        new NearestAffine(tf, height, width, channels)
            .apply(images, of.subList(Effect.AFFINE, Effect.IMAGE), fill);
    Operand<TFloat32> blended =
        new Blending(tf, height, width, channels)
            .apply(
                moved,
                of.get(Effect.IMAGE),
                of.get(Effect.GRAY),
                of.get(Effect.MEAN),
                of.get(Effect.BLURRED));
    return new ToneCurve(tf, height, width, channels)
        .apply(
            blended,
            of.get(Effect.MASK),
            of.get(Effect.THRESHOLD),
            of.get(Effect.AUTO_CONTRAST),
            of.get(Effect.EQUALIZE));
  }
}
