package dev.mlit.augment;

import dev.mlit.spec.AugmentationSpec;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.seed.RandomStream;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;

/**
 * Augmentation of training images in the graph, a function of the run's seed and the step: first
 * {@link Geometry}, then {@link Symmetries}, {@link RandomOperations}, {@link ColorJitter}, {@link
 * RandomErasing} and {@link MixupCutmix}.
 *
 * @since 0.1.0
 */
public final class Augmentations {
  private Augmentations() {}

  /**
   * A batch to train on.
   *
   * @param images [batch, height, width, channels] in [0, 1]
   * @param targets [batch, classes], the shares of the classes in every image
   */
  public record Augmented(Operand<TFloat32> images, Operand<TFloat32> targets) {}

  /**
   * Augments a batch as a run does.
   *
   * @param images uint8 [batch, height, width, channels]
   * @param labels [batch]
   * @param step a scalar
   */
  public static Augmented ofRun(
      Ops tf, RunSpec run, Operand<TUint8> images, Operand<TInt32> labels, Operand<TInt64> step) {
    Operand<TFloat32> targets =
        // An autoencoder does not use them.
        targets(tf, labels, Math.max(1, run.model().classes()), run.training().labelSmoothing());
    return apply(
        tf,
        run.augmentation(),
        run.model().image(),
        new Augmented(floats(tf, images), targets),
        tf.constant(run.training().seed()),
        step);
  }

  /** Bytes as numbers in [0, 1]. */
  public static Operand<TFloat32> floats(Ops tf, Operand<TUint8> images) {
    return tf.math.div(tf.dtypes.cast(images, TFloat32.class), tf.constant(255f));
  }

  /**
   * Augments a batch.
   *
   * @param shape of an image
   * @param seed a scalar
   * @param step a scalar
   */
  static Augmented apply(
      Ops ops,
      AugmentationSpec spec,
      ImageShape shape,
      Augmented batch,
      Operand<TInt64> seed,
      Operand<TInt64> step) {
    Ops tf = ops.withSubScope("augmentation");
    Operand<TInt32> size = tf.gather(tf.shape(batch.images), tf.constant(0), tf.constant(0));
    Draws draws = new Draws(tf, seed, step, size);
    Operand<TFloat32> images = moved(tf, spec, shape, batch.images, draws, size);
    images = Symmetries.apply(tf, images, spec, draws);
    images = RandomOperations.apply(tf, images, spec, shape, draws);
    images = new ColorJitter(tf, shape.channels()).apply(images, spec.colorJitter(), draws);
    if (spec.randomErasing() != null) {
      images =
          new RandomErasing(tf, shape.height(), shape.width(), shape.channels())
              .apply(images, spec.randomErasing(), draws);
    }
    Augmented augmented = new Augmented(images, batch.targets);
    if (!spec.mixes()) {
      return augmented;
    }
    MixupCutmix mixing = new MixupCutmix(tf, shape.height(), shape.width());
    return mixing.apply(augmented, mixing.draw(spec, draws));
  }

  private static Operand<TFloat32> moved(
      Ops tf,
      AugmentationSpec spec,
      ImageShape shape,
      Operand<TFloat32> images,
      Draws draws,
      Operand<TInt32> size) {
    if (Geometry.resamples(spec)) {
      Geometry geometry = new Geometry(tf, shape.height(), shape.width());
      Operand<TFloat32> none =
          tf.fill(tf.reshape(size, tf.constant(new int[] {1})), tf.constant(0f));
      return geometry.apply(images, geometry.draw(spec, draws, none), spec.fill());
    }
    return spec.flip()
        ? Symmetries.reversed(tf, images, draws.coin(RandomStream.FLIP, 0.5), 2)
        : images;
  }

  /**
   * The shares of the classes by label: only one class, or with smoothing (Szegedy et al. 2016) a
   * part of it spread evenly over all classes.
   *
   * @param labels [batch]
   * @param smoothing the part that is spread
   * @return [batch, classes]
   */
  public static Operand<TFloat32> targets(
      Ops tf, Operand<TInt32> labels, int classes, double smoothing) {
    double other = smoothing / classes;
    return tf.oneHot(
        labels,
        tf.constant(classes),
        tf.constant((float) (1 - smoothing + other)),
        tf.constant((float) other));
  }
}
