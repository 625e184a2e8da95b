package dev.mlit.train.step;

import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Gradient accumulation: the gradients of a batch as the sum over its parts, which are computed one
 * after the other. A part counts by its share of the images, so that the sum is what the whole
 * batch would have given.
 */
final class Accumulation {
  private final Map<Variable, Operand<TFloat32>> sums = new LinkedHashMap<>();
  private final List<Op> first = new ArrayList<>();
  private final List<Op> further = new ArrayList<>();

  /**
   * Adds the sums to the graph, as {@code optimizer/NAME/gradient}.
   *
   * @param gradients of the mean loss of a part
   * @param share of the part in the batch, a scalar
   */
  Accumulation(
      Ops ops,
      Variables variables,
      Map<Variable, Operand<TFloat32>> gradients,
      Operand<TFloat32> share) {
    Ops tf = ops.withSubScope("accumulation");
    gradients.forEach(
        (variable, gradient) -> {
          Variable sum =
              variables.zeros(Optimizer.SCOPE + variable.name() + "/gradient", variable.shape());
          Operand<TFloat32> part = tf.math.mul(share, gradient);
          sums.put(variable, sum.value());
          first.add(tf.assignVariableOp(sum.handle(), part));
          further.add(tf.assignAddVariableOp(sum.handle(), part));
        });
  }

  /** The operations of a part of a batch; all must run, and end before the sums are used. */
  List<Op> add(boolean firstPart) {
    return firstPart ? first : further;
  }

  /** The gradients of the parts so far. */
  Map<Variable, Operand<TFloat32>> sums() {
    return sums;
  }
}
