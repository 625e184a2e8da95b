package dev.mlit.train.step;

import dev.mlit.weights.Variable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Keeps numbers that are not finite out of the weights and out of checkpoints. A step whose loss or
 * gradient is not finite fails before it changes anything, so that {@link NonFinite} can look for
 * the cause in the weights that it was computed with.
 */
final class FiniteGuard {
  private static final String MARK = "mlit: not finite";

  private final Map<Variable, Operand<TFloat32>> gradients = new LinkedHashMap<>();
  private final Operand<TFloat32> norm;

  /**
   * Adds the checks to the graph.
   *
   * @param loss a scalar
   * @param gradients of the variables that are trained
   */
  FiniteGuard(Ops ops, Operand<TFloat32> loss, Map<Variable, Operand<TFloat32>> gradients) {
    Ops tf = ops.withSubScope("finite");
    List<Operand<TFloat32>> halves = new ArrayList<>();
    gradients.values().forEach(g -> halves.add(tf.nn.l2Loss(g)));
    this.norm = tf.math.sqrt(tf.math.mul(tf.math.addN(halves), tf.constant(2f)));
    List<Operand<TFloat32>> numbers = new ArrayList<>(halves);
    numbers.add(loss);
    Op checked = tf.debugging.checkNumerics(tf.stack(numbers), MARK);
    Ops after = tf.withControlDependencies(List.of(checked));
    gradients.forEach((variable, g) -> this.gradients.put(variable, after.identity(g)));
  }

  /** The gradients, known to be finite. */
  Map<Variable, Operand<TFloat32>> gradients() {
    return gradients;
  }

  /** The length of all gradients together, finite or not: a scalar. */
  Operand<TFloat32> norm() {
    return norm;
  }

  /** Whether a run failed because of a loss or gradient that is not finite. */
  static boolean caught(TFInvalidArgumentException e) {
    return String.valueOf(e.getMessage()).contains(MARK);
  }

  /** The variables with values that fail to be computed where they are not finite. */
  static List<Variable> checked(Ops ops, List<Variable> variables) {
    Ops tf = ops.withSubScope("finite_variables");
    return variables.stream().map(v -> checked(tf, v)).toList();
  }

  private static Variable checked(Ops tf, Variable v) {
    return new Variable(
        v.name(),
        v.shape(),
        v.decays(),
        v.handle(),
        tf.debugging.checkNumerics(v.value(), MARK),
        v.initializer());
  }
}
