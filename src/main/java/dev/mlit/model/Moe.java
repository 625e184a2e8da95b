package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.FloatOps;
import dev.mlit.weights.Layer;
import dev.mlit.weights.Variable;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Output;
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
  private final Projections inner;
  private final Linear output;

  /**
   * Makes the variables.
   *
   * @param norm of whose normal rows the input is; null if it is read as it is
   */
  Moe(
      Layer layer,
      int block,
      int width,
      int experts,
      int hidden,
      ModelSpec.Routing routing,
      @Nullable LayerNorm norm) {
    this.calc = layer.calc();
    this.width = width;
    this.experts = experts;
    this.hidden = hidden;
    this.gate = new Gate(layer, block, width, experts, routing, norm);
    Layer own = layer.child("experts");
    this.kernels = own.kernel(experts, width, hidden);
    this.biases = own.bias(experts, hidden);
    Linear value = new Linear(layer.child("value"), width, hidden);
    this.inner = new Projections(calc, norm, List.of(new Experts(), value));
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
    Mix mix = new Mix(inner.apply(x), gates);
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
    Operand<TFloat32> projected = inner.apply(first);
    boolean keeps = calc.options().keeps();
    Recomputed activation =
        new Recomputed(
            output.apply(new Mix(projected, gates).product()).value(),
            (input, dy, gradients) -> {
              Operand<TFloat32> read = calc.first(input, count);
              Mix again = new Mix(keeps ? calc.later(projected, dy) : inner.apply(read), gates);
              Operand<TFloat32> dproduct = output.backward(again.product(), dy, gradients);
              Operand<TFloat32> dv = calc.mul(dproduct, again.mixed);
              Operand<TFloat32> dmixed = calc.reshape(calc.mul(dproduct, again.v), -1, 1, hidden);
              Operand<TFloat32> dgates = calc.sum(calc.mul(dmixed, again.silu), 2);
              Operand<TFloat32> dsilu = calc.mul(dmixed, again.gates);
              Operand<TFloat32> da =
                  calc.reshape(calc.mul(dsilu, again.siluDerivative()), -1, experts * hidden);
              Operand<TFloat32> dfirst =
                  inner.backward(read, calc.concat(1, List.of(da, dv)), gradients);
              return calc.add(
                  calc.spread(dfirst, count, width),
                  routes.backward().apply(input, calc.spread(dgates, count, experts), gradients));
            });
    return new Trained(activation, routes.gates());
  }

  /** All experts as one layer: [experts, width, hidden] as [width, experts * hidden]. */
  private final class Experts implements Projections.Part {
    @Override
    public int outputs() {
      return experts * hidden;
    }

    @Override
    public Operand<TFloat32> kernel() {
      return calc.reshape(calc.transpose(kernels.value(), 1, 0, 2), width, outputs());
    }

    @Override
    public Operand<TFloat32> bias() {
      return calc.reshape(biases.value(), outputs());
    }

    @Override
    public void set(
        Operand<TFloat32> dkernel, Operand<TFloat32> dbias, VariableGradients gradients) {
      gradients.set(
          kernels, calc.transpose(calc.reshape(dkernel, width, experts, hidden), 1, 0, 2));
      gradients.set(biases, calc.reshape(dbias, experts, hidden));
    }
  }

  /** What is between the input and the product with W2; [rows, experts, hidden] unless said. */
  private final class Mix {
    /** x V + c, [rows, hidden]. */
    private final Operand<TFloat32> v;

    /** [rows, experts, 1]. */
    private final Operand<TFloat32> gates;

    /** What the experts' activations are of. */
    private final Operand<TFloat32> a;

    private final Operand<TFloat32> sigmoid;
    private final Operand<TFloat32> silu;

    /** The sum of the experts, [rows, hidden]. */
    private final Operand<TFloat32> mixed;

    /**
     * Mixes the experts of every row.
     *
     * @param projected what the experts and V make of the rows, side by side
     * @param gates [rows, experts]
     */
    Mix(Operand<TFloat32> projected, Operand<TFloat32> gates) {
      List<Output<TFloat32>> parts = inner.split(projected);
      this.a = calc.reshape(parts.get(0), -1, experts, hidden);
      this.v = parts.get(1);
      this.gates = calc.reshape(gates, -1, experts, 1);
      this.sigmoid = calc.sigmoid(a);
      this.silu = calc.mul(a, sigmoid);
      this.mixed = calc.sum(calc.mul(silu, this.gates), 1);
    }

    /** What W2 is multiplied with, [rows, hidden]. */
    Operand<TFloat32> product() {
      return calc.mul(mixed, v);
    }

    /** The derivative of a s with s = sigmoid(a): s + a s (1 - s). */
    Operand<TFloat32> siluDerivative() {
      return calc.add(sigmoid, calc.sigmoidGradient(sigmoid, a));
    }
  }
}
