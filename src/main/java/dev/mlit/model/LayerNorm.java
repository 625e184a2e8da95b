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

  Activation apply(Operand<TFloat32> x) {
    Operand<TFloat32> centered = calc.sub(x, calc.meanLast(x));
    Operand<TFloat32> variance = calc.meanLast(calc.tf().math.square(centered));
    Operand<TFloat32> inverse = calc.tf().math.rsqrt(calc.add(variance, calc.constant(EPSILON)));
    Operand<TFloat32> normal = calc.mul(centered, inverse);
    Operand<TFloat32> y = calc.add(calc.mul(normal, scale.value()), bias.value());
    return new Activation(
        y,
        (dy, gradients) -> {
          gradients.set(scale, calc.sumRows(calc.mul(dy, normal)));
          gradients.set(bias, calc.sumRows(dy));
          // dx = (dn - mean(dn) - n mean(dn n)) / sqrt(variance + epsilon), n the normal rows.
          Operand<TFloat32> dn = calc.mul(dy, scale.value());
          Operand<TFloat32> along = calc.meanLast(calc.mul(dn, normal));
          Operand<TFloat32> dx = calc.sub(calc.sub(dn, calc.meanLast(dn)), calc.mul(normal, along));
          return calc.mul(dx, inverse);
        });
  }
}
