package dev.mlit.train;

import dev.mlit.graph.Variable;
import dev.mlit.graph.Variables;
import dev.mlit.spec.OptimizerSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * AdamW, Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), after clipping
 * by the global norm (Pascanu et al. 2013).
 *
 * <p>For gradient g at step t = 1, 2, ...: m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w = w -
 * rate * decay * w - rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon).
 */
final class AdamW {
  /** The state of variable NAME is {@code optimizer/NAME/m} and {@code optimizer/NAME/v}. */
  static final String SCOPE = "optimizer/";

  private final Operand<TFloat32> gradientNorm;
  private final List<Op> updates = new ArrayList<>();

  /**
   * Adds the update of the variables to the graph.
   *
   * @param gradients the variables to train and the gradients of the loss at them
   * @param step the number of steps before this one, a scalar
   * @param rate the learning rate of this step, a scalar
   * @param factors what the rate is multiplied with for a variable; see {@link LayerDecay}
   */
  AdamW(
      Ops ops,
      OptimizerSpec spec,
      Variables variables,
      Map<Variable, Operand<TFloat32>> gradients,
      Operand<TInt64> step,
      Operand<TFloat32> rate,
      ToDoubleFunction<Variable> factors) {
    Ops tf = ops.withSubScope("optimizer");
    this.gradientNorm = globalNorm(tf, gradients.values());
    Map<Variable, Operand<TFloat32>> clipped = clip(tf, spec, gradients);
    Operand<TFloat32> t = tf.dtypes.cast(tf.math.add(step, tf.constant(1L)), TFloat32.class);
    Operand<TFloat32> beta1 = scalar(tf, spec.beta1());
    Operand<TFloat32> beta2 = scalar(tf, spec.beta2());
    Operand<TFloat32> power1 = tf.math.pow(beta1, t);
    Operand<TFloat32> power2 = tf.math.pow(beta2, t);
    // ResourceApplyAdam divides by sqrt(v) + e after folding the corrections into the rate; e =
    // epsilon * sqrt(1 - b2^t) makes that the formula above.
    Operand<TFloat32> epsilon =
        tf.math.mul(scalar(tf, spec.epsilon()), tf.math.sqrt(tf.math.sub(scalar(tf, 1), power2)));
    Map<Double, Rates> rates = new HashMap<>();
    clipped.forEach(
        (variable, gradient) -> {
          Rates own =
              rates.computeIfAbsent(
                  factors.applyAsDouble(variable), factor -> Rates.of(tf, spec, rate, factor));
          Variable m = variables.zeros(SCOPE + variable.name() + "/m", variable.shape());
          Variable v = variables.zeros(SCOPE + variable.name() + "/v", variable.shape());
          // The decay waits for the gradient, so that nothing reads a half-updated variable.
          Op decayed =
              variable.decays()
                  ? tf.withControlDependencies(List.of(gradient))
                      .assignSubVariableOp(
                          variable.handle(), tf.math.mul(own.decay, variable.value()))
                  : gradient;
          updates.add(
              tf.withControlDependencies(List.of(decayed))
                  .train
                  .resourceApplyAdam(
                      variable.handle(),
                      m.handle(),
                      v.handle(),
                      power1,
                      power2,
                      own.rate,
                      beta1,
                      beta2,
                      epsilon,
                      gradient));
        });
  }

  /** The learning rate of some variables, and what of a kernel decays with it; both scalars. */
  private record Rates(Operand<TFloat32> rate, Operand<TFloat32> decay) {
    static Rates of(Ops tf, OptimizerSpec spec, Operand<TFloat32> rate, double factor) {
      Operand<TFloat32> own = factor == 1 ? rate : tf.math.mul(rate, scalar(tf, factor));
      return new Rates(own, tf.math.mul(own, scalar(tf, spec.weightDecay())));
    }
  }

  /** The length of all gradients together before clipping, a scalar. */
  Operand<TFloat32> gradientNorm() {
    return gradientNorm;
  }

  /** The operations of one step; all must run. */
  List<Op> updates() {
    return updates;
  }

  private static Operand<TFloat32> scalar(Ops tf, double value) {
    return tf.constant((float) value);
  }

  private static Operand<TFloat32> globalNorm(Ops tf, Iterable<Operand<TFloat32>> gradients) {
    List<Operand<TFloat32>> halves = new ArrayList<>();
    gradients.forEach(g -> halves.add(tf.nn.l2Loss(g)));
    return tf.math.sqrt(tf.math.mul(tf.math.addN(halves), scalar(tf, 2)));
  }

  /** g * min(1, longest / norm). */
  private Map<Variable, Operand<TFloat32>> clip(
      Ops tf, OptimizerSpec spec, Map<Variable, Operand<TFloat32>> gradients) {
    if (spec.clipNorm() == 0) {
      return gradients;
    }
    Operand<TFloat32> factor =
        tf.math.minimum(scalar(tf, 1), tf.math.div(scalar(tf, spec.clipNorm()), gradientNorm));
    Map<Variable, Operand<TFloat32>> clipped = new LinkedHashMap<>();
    gradients.forEach((variable, g) -> clipped.put(variable, tf.math.mul(g, factor)));
    return clipped;
  }
}
