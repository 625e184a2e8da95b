package dev.mlit.graph;

import dev.mlit.spec.ModelSpec;
import java.util.List;
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
  private final Calc calc;
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
   * @param activation [rows, width] and the way back
   * @param gates [rows, experts]
   */
  record Trained(Activation activation, Operand<TFloat32> gates) {}

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
    return new Inferred(mix(x, gates).y.value(), gates);
  }

  /** The balance losses of a batch, to which every lane of it adds its tokens. */
  Balances balances() {
    return gate.balances();
  }

  /** The layer with gate noise, for training. */
  Trained apply(Operand<TFloat32> x, GateNoise noise, Balances balances) {
    Gate.Routes routes = gate.apply(x, noise, balances);
    Mix mix = mix(x, routes.gates());
    Activation activation =
        new Activation(
            mix.y.value(),
            (dy, gradients) -> {
              Operand<TFloat32> dproduct = mix.y.backward().apply(dy, gradients);
              Operand<TFloat32> dv = calc.mul(dproduct, mix.mixed);
              Operand<TFloat32> dmixed =
                  calc.reshape(calc.mul(dproduct, mix.v.value()), -1, 1, hidden);
              Operand<TFloat32> dgates = calc.sum(calc.mul(dmixed, mix.silu), 2);
              Operand<TFloat32> dsilu = calc.mul(dmixed, mix.gates);
              Operand<TFloat32> da =
                  calc.reshape(calc.mul(dsilu, siluDerivative(mix)), -1, experts * hidden);
              experts(x, da, gradients);
              return calc.addAll(
                  List.of(
                      calc.matMulRightTransposed(da, mix.kernel),
                      mix.v.backward().apply(dv, gradients),
                      routes.backward().apply(dgates, gradients)));
            });
    return new Trained(activation, routes.gates());
  }

  /** What the forward pass computed, for the backward pass; [rows, experts, hidden] in between. */
  private record Mix(
      Operand<TFloat32> kernel,
      Operand<TFloat32> gates,
      Operand<TFloat32> sigmoid,
      Operand<TFloat32> silu,
      Operand<TFloat32> mixed,
      Activation v,
      Activation y) {}

  private Mix mix(Operand<TFloat32> x, Operand<TFloat32> gates) {
    // [experts, width, hidden] to [width, experts * hidden].
    Operand<TFloat32> kernel =
        calc.reshape(calc.transpose(kernels.value(), 1, 0, 2), width, experts * hidden);
    Operand<TFloat32> bias = calc.reshape(biases.value(), experts * hidden);
    Operand<TFloat32> a =
        calc.reshape(calc.addBias(calc.matMul(x, kernel), bias), -1, experts, hidden);
    Operand<TFloat32> sigmoid = calc.sigmoid(a);
    Operand<TFloat32> silu = calc.mul(a, sigmoid);
    Operand<TFloat32> perExpert = calc.reshape(gates, -1, experts, 1);
    Operand<TFloat32> mixed = calc.sum(calc.mul(silu, perExpert), 1);
    Activation v = value.apply(x);
    Activation y = output.apply(calc.mul(mixed, v.value()));
    return new Mix(kernel, perExpert, sigmoid, silu, mixed, v, y);
  }

  /** The derivative of a sigmoid(a): s + silu - silu s, with s = sigmoid(a). */
  private Operand<TFloat32> siluDerivative(Mix mix) {
    return calc.add(mix.sigmoid, calc.mul(mix.silu, calc.sub(calc.constant(1), mix.sigmoid)));
  }

  /** The gradients of the experts, from the one at the outputs of their product. */
  private void experts(Operand<TFloat32> x, Operand<TFloat32> da, VariableGradients gradients) {
    Operand<TFloat32> dkernel = calc.matMulLeftTransposed(x, da);
    gradients.set(kernels, calc.transpose(calc.reshape(dkernel, width, experts, hidden), 1, 0, 2));
    gradients.set(biases, calc.reshape(calc.sumRows(da), experts, hidden));
  }
}
