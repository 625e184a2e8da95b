package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.FloatOps;
import java.util.function.UnaryOperator;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * The target of a masked autoencoder's decoder: the normalised pixels of the patches, with {@code
 * norm-pixels} every patch by its mean and variance, as {@code norm_pix_loss} of
 * facebookresearch/mae has it.
 *
 * @param values [batch * N, values of a patch]
 * @param pixels from what is painted, of that shape, to normalised pixels
 */
record PatchTarget(Operand<TFloat32> values, UnaryOperator<Operand<TFloat32>> pixels) {
  private static final double EPSILON = 1e-6;

  /**
   * The target of images.
   *
   * @param patches normalised pixels, [batch * N, values of a patch]; there is no gradient at them
   */
  static PatchTarget of(FloatOps calc, ModelSpec spec, Operand<TFloat32> patches) {
    if (!spec.normPixels()) {
      return new PatchTarget(patches, painted -> painted);
    }
    Operand<TFloat32> mean = calc.meanLast(patches);
    Operand<TFloat32> centered = calc.sub(patches, mean);
    // Unbiased, as torch.var has it.
    Operand<TFloat32> variance =
        calc.mul(calc.sumLast(calc.tf().math.square(centered)), 1.0 / (spec.patchValues() - 1));
    Operand<TFloat32> deviation = calc.tf().math.sqrt(calc.add(variance, calc.constant(EPSILON)));
    return new PatchTarget(
        calc.div(centered, deviation), painted -> calc.add(calc.mul(painted, deviation), mean));
  }

  /** What is painted as normalised pixels. */
  Operand<TFloat32> pixels(Operand<TFloat32> painted) {
    return pixels.apply(painted);
  }
}
