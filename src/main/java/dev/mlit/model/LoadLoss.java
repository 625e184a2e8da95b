package dev.mlit.model;

import dev.mlit.tensorflow.FloatOps;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * The load loss (Shazeer et al. 2017, appendix A): balances P_e = Phi((clean_e - threshold_e) /
 * scale_e), the chance that expert e is kept when its noise is drawn again. threshold_e is the
 * (k+1)-th largest noisy value if e was kept, else the k-th.
 */
final class LoadLoss {
  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double ONE_OVER_SQRT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

  private final FloatOps calc;
  private final Operand<TFloat32> scale;
  private final TopK top;
  private final Operand<TFloat32> distance;
  private final BalanceLoss balance;

  /**
   * The load of a block's gates.
   *
   * @param clean [tokens, experts], without noise
   * @param scale [tokens, experts], the standard deviation of the noise
   * @param noisy [tokens, experts], with noise
   * @param top the largest of {@code noisy}
   * @param balance gets the chances
   */
  LoadLoss(
      FloatOps calc,
      Operand<TFloat32> clean,
      Operand<TFloat32> scale,
      Operand<TFloat32> noisy,
      TopK top,
      BalanceLoss balance) {
    this.calc = calc;
    this.scale = scale;
    this.top = top;
    Operand<TFloat32> last = TopK.pick(calc, noisy, top.last());
    Operand<TFloat32> next = TopK.pick(calc, noisy, top.next());
    // kept ? next : last
    Operand<TFloat32> threshold = calc.add(last, calc.mul(top.kept(), calc.sub(next, last)));
    this.distance = calc.div(calc.sub(clean, threshold), scale);
    Operand<TFloat32> erf = calc.tf().math.erf(calc.mul(distance, SQRT_HALF));
    Operand<TFloat32> chance = calc.add(calc.mul(erf, 0.5), calc.constant(0.5));
    this.balance = balance.add(chance);
  }

  /** The gradients of the loss at the three inputs, all [tokens, experts]. */
  record Gradients(Operand<TFloat32> clean, Operand<TFloat32> scale, Operand<TFloat32> noisy) {}

  Gradients gradients() {
    Ops tf = calc.tf();
    // The density of the normal distribution is the derivative of Phi.
    Operand<TFloat32> density =
        calc.mul(tf.math.exp(calc.mul(tf.math.square(distance), -0.5)), ONE_OVER_SQRT_TWO_PI);
    Operand<TFloat32> clean = calc.div(calc.mul(balance.gradient(), density), scale);
    Operand<TFloat32> atScale = tf.math.neg(calc.mul(clean, distance));
    // The threshold falls as clean rises: kept entries look at next, the others at last.
    Operand<TFloat32> fromKept = TopK.pick(calc, clean, top.kept());
    Operand<TFloat32> fromLeft = calc.sub(calc.sumLast(clean), fromKept);
    Operand<TFloat32> noisy =
        tf.math.neg(calc.add(calc.mul(top.next(), fromKept), calc.mul(top.last(), fromLeft)));
    return new Gradients(clean, atScale, noisy);
  }
}
