package dev.mlit.model;

import dev.mlit.tensorflow.FloatOps;
import dev.mlit.weights.Layer;
import dev.mlit.weights.Variable;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/** y = x W + b, for rows x [rows, inputs]; W is {@code kernel} [inputs, outputs]. */
final class Linear {
  private final FloatOps calc;
  private final Variable kernel;
  private final Variable bias;

  Linear(Layer layer, long inputs, long outputs) {
    this.calc = layer.calc();
    this.kernel = layer.kernel(inputs, outputs);
    this.bias = layer.bias(outputs);
  }

  Variable kernel() {
    return kernel;
  }

  Variable bias() {
    return bias;
  }

  Activation apply(Operand<TFloat32> x) {
    Operand<TFloat32> y = calc.addBias(calc.matMul(x, kernel.value()), bias.value());
    return new Activation(y, (dy, gradients) -> backward(x, dy, gradients));
  }

  /** As {@link Activation.Backward#apply}, for any input. */
  Operand<TFloat32> backward(
      Operand<TFloat32> x, Operand<TFloat32> dy, VariableGradients gradients) {
    gradients.set(kernel, calc.matMulLeftTransposed(x, dy));
    gradients.set(bias, calc.sumRows(dy));
    return calc.matMulRightTransposed(dy, kernel.value());
  }
}
