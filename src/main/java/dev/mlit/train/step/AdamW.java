package dev.mlit.train.step;

import dev.mlit.spec.OptimizerSpec;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * AdamW, Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2).
 *
 * <p>For gradient g at step t = 1, 2, ...: m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w = w -
 * rate * decay * w - rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon). The state of
 * variable NAME is {@code optimizer/NAME/m} and {@code optimizer/NAME/v}.
 */
final class AdamW {
  private final List<Op> updates = new ArrayList<>();

  /**
   * Adds the update of the variables to the graph.
   *
   * @param gradients the variables to train and the clipped gradients of the loss at them
   * @param step the number of steps before this one, a scalar
   * @param rate the learning rate of this step, a scalar
   * @param factors what the rate is multiplied with for a variable; see {@link LayerDecay}
   */
  AdamW(
      Ops tf,
      OptimizerSpec spec,
      Variables variables,
      Map<Variable, Operand<TFloat32>> gradients,
      Operand<TInt64> step,
      Operand<TFloat32> rate,
      ToDoubleFunction<Variable> factors) {
    Operand<TFloat32> t = tf.dtypes.cast(tf.math.add(step, tf.constant(1L)), TFloat32.class);
    Operand<TFloat32> beta1 = Optimizer.scalar(tf, spec.beta1());
    Operand<TFloat32> beta2 = Optimizer.scalar(tf, spec.beta2());
    Operand<TFloat32> power1 = tf.math.pow(beta1, t);
    Operand<TFloat32> power2 = tf.math.pow(beta2, t);
    // ResourceApplyAdam divides by sqrt(v) + e after folding the corrections into the rate; e =
    // epsilon * sqrt(1 - b2^t) makes that the formula above.
    Operand<TFloat32> epsilon =
        tf.math.mul(
            Optimizer.scalar(tf, spec.epsilon()),
            tf.math.sqrt(tf.math.sub(Optimizer.scalar(tf, 1), power2)));
    Map<Double, Rates> rates = new HashMap<>();
    gradients.forEach(
        (variable, gradient) -> {
          Rates ofVariable =
              rates.computeIfAbsent(
                  factors.applyAsDouble(variable), factor -> Rates.of(tf, spec, rate, factor));
          Variable m = variables.zeros(Optimizer.SCOPE + variable.name() + "/m", variable.shape());
          Variable v = variables.zeros(Optimizer.SCOPE + variable.name() + "/v", variable.shape());
          // The decay waits for the gradient, so that nothing reads a half-updated variable.
          Op decayed =
              variable.decays()
                  ? tf.withControlDependencies(List.of(gradient))
                      .assignSubVariableOp(
                          variable.handle(), tf.math.mul(ofVariable.decay, variable.value()))
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
                      ofVariable.rate,
                      beta1,
                      beta2,
                      epsilon,
                      gradient));
        });
  }

  /** The learning rate of some variables, and what of a kernel decays with it; both scalars. */
  private record Rates(Operand<TFloat32> rate, Operand<TFloat32> decay) {
    static Rates of(Ops tf, OptimizerSpec spec, Operand<TFloat32> rate, double factor) {
      Operand<TFloat32> scaled =
          factor == 1 ? rate : tf.math.mul(rate, Optimizer.scalar(tf, factor));
      return new Rates(scaled, tf.math.mul(scaled, Optimizer.scalar(tf, spec.weightDecay())));
    }
  }

  /** The operations of one step; all must run. */
  List<Op> updates() {
    return updates;
  }
}
