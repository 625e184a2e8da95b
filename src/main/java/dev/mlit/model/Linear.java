package dev.mlit.model;

import dev.mlit.tensorflow.FloatOps;
import dev.mlit.weights.Layer;
import dev.mlit.weights.Variable;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/** y = x W + b, for rows x [rows, inputs]; W is {@code kernel} [inputs, outputs]. */
final class Linear implements Projections.Part {
  private final FloatOps calc;
  private final int outputs;
  private final Variable kernel;
  private final Variable bias;

  Linear(Layer layer, long inputs, long outputs) {
    this.calc = layer.calc();
    this.outputs = (int) outputs;
    this.kernel = layer.kernel(inputs, outputs);
    this.bias = layer.bias(outputs);
  }

  @Override
  public int outputs() {
    return outputs;
  }

  @Override
  public Operand<TFloat32> kernel() {
    return kernel.value();
  }

  @Override
  public Operand<TFloat32> bias() {
    return bias.value();
  }

  @Override
  public void set(Operand<TFloat32> dkernel, Operand<TFloat32> dbias, VariableGradients gradients) {
    gradients.set(kernel, dkernel);
    gradients.set(bias, dbias);
  }

  /** The same layer with its outputs multiplied by a factor. */
  Projections.Part scaled(double factor) {
    Linear linear = this;
    return new Projections.Part() {
      @Override
      public int outputs() {
        return outputs;
      }

      @Override
      public Operand<TFloat32> kernel() {
        return calc.mul(linear.kernel(), factor);
      }

      @Override
      public Operand<TFloat32> bias() {
        return calc.mul(linear.bias(), factor);
      }

      @Override
      public void set(
          Operand<TFloat32> dkernel, Operand<TFloat32> dbias, VariableGradients gradients) {
        linear.set(calc.mul(dkernel, factor), calc.mul(dbias, factor), gradients);
      }
    };
  }

  Activation apply(Operand<TFloat32> x) {
    Operand<TFloat32> y = calc.linear(x, kernel(), bias());
    return new Activation(y, (dy, gradients) -> backward(x, dy, gradients));
  }

  /** As {@link Activation.Backward#apply}, for any input. */
  Operand<TFloat32> backward(
      Operand<TFloat32> x, Operand<TFloat32> dy, VariableGradients gradients) {
    set(calc.matMulLeftTransposed(x, dy), calc.sumRows(dy), gradients);
    return calc.matMulRightTransposed(dy, kernel());
  }
}
