package dev.mlit.model;

import dev.mlit.cluster.BatchSums;
import dev.mlit.tensorflow.FloatOps;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * A balance loss (Shazeer et al. 2017, equation 7): weight * CV^2 of the experts' shares, CV^2 =
 * population variance / mean^2 of the sums over the tokens.
 *
 * <p>The tokens may come in parts: add them all, share the sums with other workers where there are
 * some, then ask for the loss and its gradient.
 */
final class BalanceLoss {
  private final FloatOps calc;
  private final int experts;
  private final double weight;
  private final List<Operand<TFloat32>> parts = new ArrayList<>();
  private @Nullable Supplier<Operand<TFloat32>> shared;
  private @Nullable Sums sums;

  BalanceLoss(FloatOps calc, int experts, double weight) {
    this.calc = calc;
    this.experts = experts;
    this.weight = weight;
  }

  /** The sums over all tokens, [experts], their mean and the mean of their squares. */
  private record Sums(
      Operand<TFloat32> all, Operand<TFloat32> mean, Operand<TFloat32> meanSquare) {}

  /**
   * Adds the shares of some tokens.
   *
   * @param shares [tokens, experts]
   * @return this
   * @throws IllegalStateException if the loss or its gradient is in the graph already
   */
  BalanceLoss add(Operand<TFloat32> shares) {
    if (sums != null || shared != null) {
      throw new IllegalStateException("the balance of tokens that came before is in use");
    }
    parts.add(calc.sumRows(shares));
    return this;
  }

  /** Adds the tokens of other workers. Call it when all of this worker's are added. */
  void share(BatchSums batch) {
    shared = batch.add(calc.addAll(parts), experts);
  }

  private Sums sums() {
    if (sums == null) {
      Operand<TFloat32> total = shared == null ? calc.addAll(parts) : shared.get();
      sums = new Sums(total, calc.meanLast(total), calc.meanLast(calc.tf().math.square(total)));
    }
    return sums;
  }

  /** The loss, a scalar. */
  Operand<TFloat32> loss() {
    Sums s = sums();
    Operand<TFloat32> variance = calc.meanLast(calc.tf().math.square(calc.sub(s.all, s.mean)));
    Operand<TFloat32> ratio = calc.div(variance, calc.tf().math.square(s.mean));
    return calc.reshape(calc.mul(ratio, weight));
  }

  /**
   * The gradient of the loss at every row of the shares, [experts]; all rows have the same: 2
   * weight / (t mean^2) * (sum_e - mean of squares / mean).
   */
  Operand<TFloat32> gradient() {
    Sums s = sums();
    Operand<TFloat32> factor =
        calc.div(calc.constant(2 * weight / experts), calc.tf().math.square(s.mean));
    return calc.mul(factor, calc.sub(s.all, calc.div(s.meanSquare, s.mean)));
  }
}
