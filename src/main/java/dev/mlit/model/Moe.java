package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.FloatOps;
import dev.mlit.weights.Layer;
import dev.mlit.weights.Variable;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * A layer of t SwiGLU experts that share V and W2: expert_e(x) = (silu(x W_e + b_e) * (x V + c)) W2
 * + d, and y = sum_e g_e expert_e(x).
 *
 * <p>As V and W2 are shared and the gates sum to 1, y = ((sum_e g_e silu(x W_e + b_e)) * (x V + c))
 * W2 + d exactly: one matrix product for all experts, one for V and one for W2.
 */
final class Moe {
  private final FloatOps calc;
  private final int width;
  private final int experts;
  private final int hidden;
  private final Gate gate;
  private final Variable kernels;
  private final Variable biases;
  private final Linear value;
  private final Linear output;

  Moe(Layer layer, int block, int width, int experts, int hidden, ModelSpec.Routing routing) {
    this.calc = layer.calc();
    this.width = width;
    this.experts = experts;
    this.hidden = hidden;
    this.gate = new Gate(layer, block, width, experts, routing);
    Layer inner = layer.child("experts");
    this.kernels = inner.kernel(experts, width, hidden);
    this.biases = inner.bias(experts, hidden);
    this.value = new Linear(layer.child("value"), width, hidden);
    this.output = new Linear(layer.child("output"), hidden, width);
  }

  /**
   * The output of the layer while training.
   *
   * @param activation [rows, width] and its backward pass
   * @param gates [rows, experts]
   */
  record Trained(Recomputed activation, Operand<TFloat32> gates) {}

  /**
   * The output of the layer without gate noise.
   *
   * @param value [rows, width]
   * @param gates [rows, experts]
   */
  record Inferred(Operand<TFloat32> value, Operand<TFloat32> gates) {}

  /** The layer without gate noise, for inference. */
  Inferred apply(Operand<TFloat32> x) {
    Operand<TFloat32> gates = gate.apply(x);
    Mix mix = new Mix(x, kernel(), gates);
    return new Inferred(output.apply(mix.product()).value(), gates);
  }

  /** The balance losses of a batch, to which every lane of it adds its tokens. */
  BalanceLosses balances() {
    return gate.balances();
  }

  /** The layer with gate noise, for training. */
  Trained apply(Operand<TFloat32> x, GateNoise noise, BalanceLosses balances) {
    return applyToFirst(x, 1, noise, balances);
  }

  /**
   * The layer with gate noise, for training, where only the first of every {@code count} rows is
   * read: only those go through the experts. All have gates, which the balance losses look at.
   *
   * @return an activation [rows / count, width], whose backward pass gives the gradient at all rows
   */
  Trained applyToFirst(Operand<TFloat32> x, int count, GateNoise noise, BalanceLosses balances) {
    Gate.Routes routes = gate.apply(x, noise, balances);
    Operand<TFloat32> first = calc.first(x, count);
    Operand<TFloat32> gates = calc.first(routes.gates(), count);
    Operand<TFloat32> kernel = kernel();
    Recomputed activation =
        new Recomputed(
            output.apply(new Mix(first, kernel, gates).product()).value(),
            (input, dy, gradients) -> {
              Operand<TFloat32> own = calc.first(input, count);
              Mix again = new Mix(own, kernel, gates);
              Operand<TFloat32> dproduct = output.backward(again.product(), dy, gradients);
              Operand<TFloat32> dv = calc.mul(dproduct, again.mixed);
              Operand<TFloat32> dmixed = calc.reshape(calc.mul(dproduct, again.v), -1, 1, hidden);
              Operand<TFloat32> dgates = calc.sum(calc.mul(dmixed, again.silu), 2);
              Operand<TFloat32> dsilu = calc.mul(dmixed, again.gates);
              Operand<TFloat32> da =
                  calc.reshape(calc.mul(dsilu, again.siluDerivative()), -1, experts * hidden);
              expertGradients(own, da, gradients);
              Operand<TFloat32> dfirst =
                  calc.add(
                      calc.matMulRightTransposed(da, kernel), value.backward(own, dv, gradients));
              return calc.add(
                  calc.spread(dfirst, count, width),
                  routes.backward().apply(input, calc.spread(dgates, count, experts), gradients));
            });
    return new Trained(activation, routes.gates());
  }

  /** All experts as one matrix: [experts, width, hidden] to [width, experts * hidden]. */
  private Operand<TFloat32> kernel() {
    return calc.reshape(calc.transpose(kernels.value(), 1, 0, 2), width, experts * hidden);
  }

  /** What is between the input and the product with W2; [rows, experts, hidden] unless said. */
  private final class Mix {
    /** x V + c, [rows, hidden]. */
    private final Operand<TFloat32> v;

    /** [rows, experts, 1]. */
    private final Operand<TFloat32> gates;

    private final Operand<TFloat32> sigmoid;
    private final Operand<TFloat32> silu;

    /** The sum of the experts, [rows, hidden]. */
    private final Operand<TFloat32> mixed;

    /**
     * Mixes the experts of every row.
     *
     * @param x [rows, width]
     * @param kernel of all experts
     * @param gates [rows, experts]
     */
    Mix(Operand<TFloat32> x, Operand<TFloat32> kernel, Operand<TFloat32> gates) {
      Operand<TFloat32> bias = calc.reshape(biases.value(), experts * hidden);
      Operand<TFloat32> a =
          calc.reshape(calc.addBias(calc.matMul(x, kernel), bias), -1, experts, hidden);
      this.v = value.apply(x).value();
      this.gates = calc.reshape(gates, -1, experts, 1);
      this.sigmoid = calc.sigmoid(a);
      this.silu = calc.mul(a, sigmoid);
      this.mixed = calc.sum(calc.mul(silu, this.gates), 1);
    }

    /** What W2 is multiplied with, [rows, hidden]. */
    Operand<TFloat32> product() {
      return calc.mul(mixed, v);
    }

    /** The derivative of a sigmoid(a): s + silu - silu s, with s = sigmoid(a). */
    Operand<TFloat32> siluDerivative() {
      return calc.add(sigmoid, calc.mul(silu, calc.sub(calc.constant(1), sigmoid)));
    }
  }

  /** The gradients of the experts, from the one at the outputs of their product. */
  private void expertGradients(
      Operand<TFloat32> x, Operand<TFloat32> da, VariableGradients gradients) {
    Operand<TFloat32> dkernel = calc.matMulLeftTransposed(x, da);
    gradients.set(kernels, calc.transpose(calc.reshape(dkernel, width, experts, hidden), 1, 0, 2));
    gradients.set(biases, calc.reshape(calc.sumRows(da), experts, hidden));
  }
}
