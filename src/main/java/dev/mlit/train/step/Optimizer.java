package dev.mlit.train.step;

import dev.mlit.spec.OptimizerSpec;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import java.util.ArrayList;
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
 * Updates the weights: clips the gradients by their global norm (Pascanu et al. 2013), all of them
 * together, and gives each to the optimizer of its variable. That is {@link AdamW}, or {@link Muon}
 * for the kernels that it takes where the run names it.
 */
final class Optimizer {
  /** The state of variable NAME is {@code optimizer/NAME/...}. */
  static final String SCOPE = "optimizer/";

  private final Operand<TFloat32> gradientNorm;
  private final List<Op> updates = new ArrayList<>();

  /**
   * Adds the update of the variables to the graph.
   *
   * @param gradients the variables to train and the gradients of the loss at them
   * @param step the number of steps before this one, a scalar
   * @param rate the learning rate of this step, a scalar: AdamW's; Muon's is the same share of
   *     Muon's highest rate
   * @param factors what the rate is multiplied with for a variable; see {@link LayerDecay}
   */
  Optimizer(
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
    Map<Variable, Operand<TFloat32>> kernels = new LinkedHashMap<>(clipped);
    kernels.keySet().removeIf(v -> !spec.isMuon() || !Muon.takes(v));
    Map<Variable, Operand<TFloat32>> others = new LinkedHashMap<>(clipped);
    others.keySet().removeAll(kernels.keySet());
    updates.addAll(new AdamW(tf, spec, variables, others, step, rate, factors).updates());
    if (!kernels.isEmpty()) {
      updates.addAll(new Muon(tf, spec, variables, kernels, rate, factors).updates());
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

  static Operand<TFloat32> scalar(Ops tf, double value) {
    return tf.constant((float) value);
  }
}
