package dev.mlit.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * The gradients of the loss at the variables.
 *
 * <p>A gradient that nobody fetches costs nothing: TensorFlow runs only what leads to the fetched
 * operations. So layers need not know which variables are frozen.
 */
final class VariableGradients {
  private final Map<Variable, Operand<TFloat32>> gradients = new LinkedHashMap<>();

  /**
   * Sets the gradient of a variable.
   *
   * @throws IllegalStateException if it has one: no layer shares variables with another
   */
  void set(Variable variable, Operand<TFloat32> gradient) {
    if (gradients.put(variable, gradient) != null) {
      throw new IllegalStateException(variable + ": two gradients");
    }
  }

  /** The sums of the gradients that the lanes of a batch have found. */
  static VariableGradients sum(Calc calc, List<VariableGradients> lanes) {
    VariableGradients sums = new VariableGradients();
    for (Variable variable : lanes.get(0).gradients.keySet()) {
      List<Operand<TFloat32>> terms = new ArrayList<>();
      for (VariableGradients lane : lanes) {
        terms.add(Objects.requireNonNull(lane.gradients.get(variable)));
      }
      sums.set(variable, calc.addAll(terms));
    }
    return sums;
  }

  Map<Variable, Operand<TFloat32>> all() {
    return gradients;
  }
}
