package dev.mlit.model;

import dev.mlit.spec.seed.RandomStream;
import dev.mlit.tensorflow.FloatOps;
import dev.mlit.tensorflow.StepSeed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * Patch dropout (Liu et al. 2022): while training, a random share of the patches of every image is
 * left out, and the encoder computes only the others. Position embeddings are added before, so a
 * patch that is kept keeps its position; the class token always stays.
 *
 * @since 0.1.0
 */
public final class PatchDropout {
  /** Keeps all patches. */
  public static final PatchDropout NONE = new PatchDropout(0, null);

  private final double share;
  private final @Nullable Numbers numbers;

  private PatchDropout(double share, @Nullable Numbers numbers) {
    this.share = share;
    this.numbers = numbers;
  }

  /** What decides which patches are kept, [images, N]: those with the smallest numbers are. */
  @FunctionalInterface
  interface Numbers {
    Operand<TFloat32> draw(Ops tf, Operand<TInt32> shape);
  }

  /**
   * Leaves out patches by numbers that are given.
   *
   * @param share of the patches, above 0 and below 1
   */
  static PatchDropout of(double share, Numbers numbers) {
    return new PatchDropout(share, numbers);
  }

  /**
   * Patches that are a function of the run's seed and the step, and of nothing else.
   *
   * @param share of the patches that is left out, in [0, 1)
   * @param seed a scalar
   * @param step a scalar
   */
  public static PatchDropout stateless(double share, Operand<TInt64> seed, Operand<TInt64> step) {
    return share == 0
        ? NONE
        : of(
            share,
            (tf, shape) ->
                tf.random.statelessRandomUniform(
                    shape, StepSeed.of(tf, seed, RandomStream.PATCH_DROPOUT.key(), step)));
  }

  /**
   * The number of patches of an image that are kept: the integer part of N (1 - share), at least 1.
   *
   * @param patches of an image, N
   */
  public int kept(int patches) {
    return kept(patches, share);
  }

  /** The same for a share that is given, in [0, 1). */
  static int kept(int patches, double share) {
    return Math.max(1, (int) (patches * (1 - share)));
  }

  /**
   * The patches that are kept, lane by lane; together they are those of one lane of all images.
   *
   * @param patches of an image
   * @return null for every lane if nothing is left out
   */
  List<@Nullable Masking> maskings(FloatOps calc, Lanes lanes, int patches) {
    if (numbers == null) {
      return Collections.nCopies(lanes.count(), null);
    }
    Operand<TInt32> shape = calc.tf().stack(List.of(lanes.rows(1), calc.whole(patches)));
    List<@Nullable Masking> maskings = new ArrayList<>();
    for (Operand<TFloat32> drawn : lanes.split(numbers.draw(calc.tf(), shape), 1)) {
      maskings.add(new Masking(calc, patches, kept(patches), drawn));
    }
    return maskings;
  }
}
