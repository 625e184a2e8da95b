package dev.mlit.model;

import dev.mlit.tensorflow.FloatOps;
import dev.mlit.weights.Variable;
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
  private final Map<Projections, Projections.Gradients> ofProducts = new LinkedHashMap<>();
  private final List<Operand<TFloat32>> unsettled = new ArrayList<>();

  /**
   * Sets the gradient of a variable.
   *
   * @throws IllegalStateException if it has one: no layer shares variables with another
   */
  void set(Variable variable, Operand<TFloat32> gradient) {
    unsettled.add(gradient);
    if (gradients.put(variable, gradient) != null) {
      throw new IllegalStateException(variable + ": two gradients");
    }
  }

  /** Sets the gradients of the variables that are in a product, from those of the product. */
  void set(Projections product, Projections.Gradients of) {
    unsettled.add(of.kernel());
    unsettled.add(of.bias());
    if (ofProducts.put(product, of) != null) {
      throw new IllegalStateException("two gradients of one product");
    }
  }

  /** Adds to the gradient of a variable that several products have a share in. */
  void add(FloatOps calc, Variable variable, Operand<TFloat32> gradient) {
    gradients.merge(variable, gradient, calc::add);
  }

  /**
   * The same tensor, available only once every gradient that was set so far is computed. Their
   * inputs can then be freed before the backward pass goes on: TensorFlow puts off operations that
   * nothing waits for, and would keep their inputs until the end.
   */
  Operand<TFloat32> settle(FloatOps calc, Operand<TFloat32> upstream) {
    List<Operand<TFloat32>> open = List.copyOf(unsettled);
    unsettled.clear();
    return open.isEmpty() ? upstream : calc.later(upstream, open);
  }

  /**
   * The sums of the gradients that the lanes of a batch find.
   *
   * @param passes the forward pass of every lane
   * @param upstreams for every lane the gradient of the loss at its output
   */
  static VariableGradients sum(
      FloatOps calc, List<Activation> passes, List<Operand<TFloat32>> upstreams) {
    List<VariableGradients> lanes = new ArrayList<>();
    for (int lane = 0; lane < passes.size(); lane++) {
      VariableGradients gradients = new VariableGradients();
      passes.get(lane).backward().apply(upstreams.get(lane), gradients);
      lanes.add(gradients);
    }
    VariableGradients sums = new VariableGradients();
    for (Variable variable : lanes.get(0).gradients.keySet()) {
      List<Operand<TFloat32>> terms = new ArrayList<>();
      for (VariableGradients lane : lanes) {
        terms.add(Objects.requireNonNull(lane.gradients.get(variable)));
      }
      sums.set(variable, calc.addAll(terms));
    }
    for (Projections product : lanes.get(0).ofProducts.keySet()) {
      List<Projections.Gradients> terms =
          lanes.stream().map(lane -> Objects.requireNonNull(lane.ofProducts.get(product))).toList();
      sums.set(
          product,
          new Projections.Gradients(
              calc.addAll(terms.stream().map(Projections.Gradients::kernel).toList()),
              calc.addAll(terms.stream().map(Projections.Gradients::bias).toList())));
    }
    return sums;
  }

  /** The gradient of every variable; ends with this what layers may set. */
  Map<Variable, Operand<TFloat32>> all() {
    ofProducts.forEach((product, of) -> product.set(of, this));
    ofProducts.clear();
    return gradients;
  }
}
