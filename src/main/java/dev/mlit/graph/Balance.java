package dev.mlit.graph;

import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * A balance loss (Shazeer et al. 2017, equation 7): weight * CV^2 of the experts' shares, CV^2 =
 * population variance / mean^2 of the sums over the tokens.
 */
final class Balance {
  private final Calc calc;
  private final int experts;
  private final double weight;
  private final Operand<TFloat32> sums;
  private final Operand<TFloat32> mean;
  private final Operand<TFloat32> meanSquare;

  /**
   * The balance of some shares.
   *
   * @param shares [tokens, experts]
   */
  Balance(Calc calc, Operand<TFloat32> shares, int experts, double weight) {
    this.calc = calc;
    this.experts = experts;
    this.weight = weight;
    this.sums = calc.sumRows(shares);
    this.mean = calc.meanLast(sums);
    this.meanSquare = calc.meanLast(calc.tf().math.square(sums));
  }

  /** The loss, a scalar. */
  Operand<TFloat32> loss() {
    Operand<TFloat32> variance = calc.meanLast(calc.tf().math.square(calc.sub(sums, mean)));
    Operand<TFloat32> ratio = calc.div(variance, calc.tf().math.square(mean));
    return calc.reshape(calc.mul(ratio, weight));
  }

  /**
   * The gradient of the loss at every row of the shares, [experts]; all rows have the same: 2
   * weight / (t mean^2) * (sum_e - mean of squares / mean).
   */
  Operand<TFloat32> gradient() {
    Operand<TFloat32> factor =
        calc.div(calc.constant(2 * weight / experts), calc.tf().math.square(mean));
    return calc.mul(factor, calc.sub(sums, calc.div(meanSquare, mean)));
  }
}
