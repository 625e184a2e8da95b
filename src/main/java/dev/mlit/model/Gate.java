package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Precision;
import dev.mlit.tensorflow.FloatOps;
import dev.mlit.weights.Layer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.types.TFloat32;

/**
 * Noisy top-k gating (Shazeer et al. 2017, section 2.1).
 *
 * <p>clean = x Wg + bg; while training noisy = clean + noise * softplus(x Wn + bn), else noisy =
 * clean. The k largest entries of noisy are kept, the gates are their softmax, 0 elsewhere.
 */
final class Gate {
  private static final double NEVER = -1e30;

  private final FloatOps calc;
  private final int block;
  private final int experts;
  private final ModelSpec.Routing spec;
  private final Projections scores;
  private final Projections both;

  /**
   * Makes the variables.
   *
   * @param norm of whose normal rows the input is; null if it is read as it is
   */
  Gate(
      Layer moe,
      int block,
      int width,
      int experts,
      ModelSpec.Routing spec,
      @Nullable LayerNorm norm) {
    this.calc = moe.calc();
    this.block = block;
    this.experts = experts;
    this.spec = spec;
    Linear gate = new Linear(moe.child("gate"), width, experts);
    Linear noise = new Linear(moe.child("noise"), width, experts);
    // Rounding would decide which expert a token goes to.
    FloatOps exact = calc.with(calc.options().multiplyingIn(Precision.FLOAT32));
    this.scores = new Projections(exact, norm, List.of(gate));
    this.both = new Projections(exact, norm, List.of(gate, noise));
  }

  /**
   * The routing of tokens while training.
   *
   * @param gates [tokens, experts], rows that sum to 1, k of each not 0
   * @param backward from the gradient at the gates to the one at the input, that of the balance
   *     losses included
   */
  record Routes(Operand<TFloat32> gates, Recomputed.Backward backward) {}

  /** The balance losses of a batch, to which every lane of it adds its tokens. */
  BalanceLosses balances() {
    return new BalanceLosses(
        calc,
        new BalanceLoss(calc, experts, spec.importanceWeight()),
        keepsAll() ? null : new BalanceLoss(calc, experts, spec.loadWeight()));
  }

  /** The gates without noise, for inference. */
  Operand<TFloat32> apply(Operand<TFloat32> x) {
    Operand<TFloat32> clean = scores.apply(x);
    return keepsAll()
        ? calc.softmax(clean)
        : softmaxOf(clean, TopK.of(calc, clean, spec.top(), experts));
  }

  /** The gates with noise, for training. */
  Routes apply(Operand<TFloat32> x, GateNoise source, BalanceLosses balances) {
    List<Output<TFloat32>> projected = both.split(both.apply(x));
    Operand<TFloat32> clean = projected.get(0);
    Operand<TFloat32> spread = projected.get(1);
    Operand<TFloat32> scale = calc.tf().math.softplus(spread);
    Operand<TFloat32> drawn = source.draw(calc.tf(), block, calc.tf().shape(clean));
    Operand<TFloat32> noisy = calc.add(clean, calc.mul(drawn, scale));
    BalanceLoss ofLoads = balances.load();
    if (ofLoads == null) {
      Operand<TFloat32> gates = calc.softmax(noisy);
      BalanceLoss importance = balances.importance().add(gates);
      return new Routes(
          gates,
          (input, dgates, gradients) -> {
            Operand<TFloat32> dnoisy = softmaxBackward(gates, dgates, importance);
            return backward(input, dnoisy, spread, calc.mul(dnoisy, drawn), gradients);
          });
    }
    TopK top = TopK.of(calc, noisy, spec.top(), experts);
    Operand<TFloat32> gates = softmaxOf(noisy, top);
    BalanceLoss importance = balances.importance().add(gates);
    LoadLoss load = new LoadLoss(calc, clean, scale, noisy, top, ofLoads);
    return new Routes(
        gates,
        (input, dgates, gradients) -> {
          LoadLoss.Gradients ofLoad = load.gradients();
          Operand<TFloat32> dnoisy =
              calc.add(softmaxBackward(gates, dgates, importance), ofLoad.noisy());
          Operand<TFloat32> dclean = calc.add(dnoisy, ofLoad.clean());
          Operand<TFloat32> dscale = calc.add(calc.mul(dnoisy, drawn), ofLoad.scale());
          return backward(input, dclean, spread, dscale, gradients);
        });
  }

  private boolean keepsAll() {
    return spec.top() == experts;
  }

  private Operand<TFloat32> softmaxOf(Operand<TFloat32> scores, TopK top) {
    // 0 for what is kept; a score less than NEVER in size is lost in the sum with it.
    Operand<TFloat32> lowered = calc.mul(calc.sub(calc.constant(1), top.kept()), NEVER);
    return calc.softmax(calc.add(scores, lowered));
  }

  private Operand<TFloat32> softmaxBackward(
      Operand<TFloat32> gates, Operand<TFloat32> dgates, BalanceLoss importance) {
    Operand<TFloat32> dg = calc.add(dgates, importance.gradient());
    return calc.mul(gates, calc.sub(dg, calc.sumLast(calc.mul(gates, dg))));
  }

  private Operand<TFloat32> backward(
      Operand<TFloat32> x,
      Operand<TFloat32> dclean,
      Operand<TFloat32> spread,
      Operand<TFloat32> dscale,
      VariableGradients gradients) {
    // The derivative of softplus is the sigmoid.
    Operand<TFloat32> dspread = calc.mul(dscale, calc.sigmoid(spread));
    return both.backward(x, calc.concat(1, List.of(dclean, dspread)), gradients);
  }
}
