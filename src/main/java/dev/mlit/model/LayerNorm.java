package dev.mlit.model;

import dev.mlit.tensorflow.FloatOps;
import dev.mlit.weights.Initializer;
import dev.mlit.weights.Layer;
import dev.mlit.weights.Variable;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * Layer normalisation (Ba et al. 2016) of every row: y = (x - mean) / sqrt(variance + 1e-6) * scale
 * + bias.
 */
final class LayerNorm {
  private static final double EPSILON = 1e-6;

  private final FloatOps calc;
  private final Variable scale;
  private final Variable bias;

  LayerNorm(Layer layer, long width) {
    this.calc = layer.calc();
    this.scale = layer.variable("scale", Initializer.ONES, false, width);
    this.bias = layer.bias(width);
  }

  /** The scale, [width]. */
  Operand<TFloat32> scale() {
    return scale.value();
  }

  /** The bias, [width]. */
  Operand<TFloat32> shift() {
    return bias.value();
  }

  /**
   * Adds to the gradients of the scale and the bias: those who read {@link #normal} rows take both
   * into their own weights, and more than one may.
   */
  void add(Operand<TFloat32> dscale, Operand<TFloat32> dbias, VariableGradients gradients) {
    gradients.add(calc, scale, dscale);
    gradients.add(calc, bias, dbias);
  }

  /** The rows before scale and bias. */
  Normal normal(Operand<TFloat32> x) {
    Operand<TFloat32> mean = calc.meanLast(x);
    Operand<TFloat32> centered = calc.sub(x, mean);
    Operand<TFloat32> variance = calc.meanLast(calc.tf().math.square(centered));
    Operand<TFloat32> inverse = calc.tf().math.rsqrt(calc.add(variance, calc.constant(EPSILON)));
    return new Normal(calc, calc.mul(centered, inverse), mean, inverse);
  }

  /**
   * Rows of mean 0 and variance 1.
   *
   * @param value [rows, width]
   * @param mean of every row of the input, [rows, 1]
   * @param inverse 1 / sqrt(variance + 1e-6), [rows, 1]
   */
  record Normal(
      FloatOps calc, Operand<TFloat32> value, Operand<TFloat32> mean, Operand<TFloat32> inverse) {

    /** {@link #value} again, from the input, for who did not keep it. */
    Operand<TFloat32> again(Operand<TFloat32> x) {
      return calc.mul(calc.sub(x, mean), inverse);
    }

    /**
     * The backward pass: dx = (dn - n mean(dn n)) / sqrt(variance + 1e-6), n the normal rows.
     *
     * @param normal {@link #value}, kept or computed again
     * @param centered the gradient at the normal rows, less its mean over every row
     */
    Operand<TFloat32> backward(Operand<TFloat32> normal, Operand<TFloat32> centered) {
      Operand<TFloat32> along = calc.meanLast(calc.mul(centered, normal));
      return calc.mul(calc.sub(centered, calc.mul(normal, along)), inverse);
    }
  }

  Activation apply(Operand<TFloat32> x) {
    Normal normal = normal(x);
    return new Activation(
        calc.add(calc.mul(normal.value(), scale()), shift()),
        (dy, gradients) -> {
          gradients.set(scale, calc.sumRows(calc.mul(dy, normal.value())));
          gradients.set(bias, calc.sumRows(dy));
          Operand<TFloat32> dnormal = calc.mul(dy, scale());
          return normal.backward(normal.value(), calc.sub(dnormal, calc.meanLast(dnormal)));
        });
  }
}
