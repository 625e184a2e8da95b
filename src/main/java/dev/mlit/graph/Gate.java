package dev.mlit.graph;

import dev.mlit.spec.ModelSpec;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Noisy top-k gating (Shazeer et al. 2017, section 2.1).
 *
 * <p>clean = x Wg + bg; while training noisy = clean + noise * softplus(x Wn + bn), else noisy =
 * clean. The k largest entries of noisy are kept, the gates are their softmax, 0 elsewhere.
 */
final class Gate {
  private static final double NEVER = -1e30;

  private final Calc calc;
  private final int block;
  private final int experts;
  private final ModelSpec.Routing spec;
  private final Linear gate;
  private final Linear noise;

  Gate(Layer moe, int block, int width, int experts, ModelSpec.Routing spec) {
    this.calc = moe.calc();
    this.block = block;
    this.experts = experts;
    this.spec = spec;
    this.gate = new Linear(moe.child("gate"), width, experts);
    this.noise = new Linear(moe.child("noise"), width, experts);
  }

  /**
   * Where the tokens go while training.
   *
   * @param gates [tokens, experts], rows that sum to 1, k of each not 0
   * @param balance the balance losses of this block, a scalar to add to the loss
   * @param backward from the gradient at the gates to the one at the input, that of the balance
   *     losses included
   */
  record Routes(Operand<TFloat32> gates, Operand<TFloat32> balance, Activation.Backward backward) {}

  /** The gates without noise, for inference. */
  Operand<TFloat32> apply(Operand<TFloat32> x) {
    Operand<TFloat32> clean = gate.apply(x).value();
    return keepsAll()
        ? calc.softmax(clean)
        : softmaxOf(clean, TopK.of(calc, clean, spec.top(), experts));
  }

  /** The gates with noise, for training. */
  Routes apply(Operand<TFloat32> x, GateNoise source) {
    Activation clean = gate.apply(x);
    Activation spread = noise.apply(x);
    Operand<TFloat32> scale = calc.tf().math.softplus(spread.value());
    Operand<TFloat32> drawn = source.draw(calc.tf(), block, calc.tf().shape(clean.value()));
    Operand<TFloat32> noisy = calc.add(clean.value(), calc.mul(drawn, scale));
    if (keepsAll()) {
      // Every expert is certain to be used: the load is balanced whatever the gates are.
      Operand<TFloat32> gates = calc.softmax(noisy);
      Balance importance = new Balance(calc, gates, experts, spec.importanceWeight());
      return new Routes(
          gates,
          importance.loss(),
          (dgates, gradients) -> {
            Operand<TFloat32> dnoisy = softmaxBackward(gates, dgates, importance);
            return backward(clean, dnoisy, spread, calc.mul(dnoisy, drawn), gradients);
          });
    }
    TopK top = TopK.of(calc, noisy, spec.top(), experts);
    Operand<TFloat32> gates = softmaxOf(noisy, top);
    Balance importance = new Balance(calc, gates, experts, spec.importanceWeight());
    Load load = new Load(calc, clean.value(), scale, noisy, top, experts, spec.loadWeight());
    return new Routes(
        gates,
        calc.add(importance.loss(), load.loss()),
        (dgates, gradients) -> {
          Load.Gradients ofLoad = load.gradients();
          Operand<TFloat32> dnoisy =
              calc.add(softmaxBackward(gates, dgates, importance), ofLoad.noisy());
          Operand<TFloat32> dclean = calc.add(dnoisy, ofLoad.clean());
          Operand<TFloat32> dscale = calc.add(calc.mul(dnoisy, drawn), ofLoad.scale());
          return backward(clean, dclean, spread, dscale, gradients);
        });
  }

  private boolean keepsAll() {
    return spec.top() == experts;
  }

  private Operand<TFloat32> softmaxOf(Operand<TFloat32> scores, TopK top) {
    Ops tf = calc.tf();
    return calc.softmax(
        tf.select(tf.math.greater(top.kept(), calc.constant(0)), scores, calc.constant(NEVER)));
  }

  private Operand<TFloat32> softmaxBackward(
      Operand<TFloat32> gates, Operand<TFloat32> dgates, Balance importance) {
    Operand<TFloat32> dg = calc.add(dgates, importance.gradient());
    return calc.mul(gates, calc.sub(dg, calc.sumLast(calc.mul(gates, dg))));
  }

  private Operand<TFloat32> backward(
      Activation clean,
      Operand<TFloat32> dclean,
      Activation spread,
      Operand<TFloat32> dscale,
      VariableGradients gradients) {
    // The derivative of softplus is the sigmoid.
    Operand<TFloat32> dspread = calc.mul(dscale, calc.sigmoid(spread.value()));
    return calc.add(
        clean.backward().apply(dclean, gradients), spread.backward().apply(dspread, gradients));
  }
}
