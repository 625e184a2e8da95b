package dev.mlit.model;

import dev.mlit.tensorflow.FloatOps;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.math.Mean;
import org.tensorflow.types.TFloat32;

/**
 * Linear layers that read the same rows, as one matrix product.
 *
 * <p>Behind a norm they read its normal rows n and take its scale s and bias t into their own: (n *
 * s + t) W + b = n (s * W) + (t W + b). So neither pass has to go through the rows for s and t, and
 * their gradients follow from those of the product. The part of the norm's backward pass that takes
 * the mean off every row of a gradient is a product with a kernel whose columns have mean 0.
 */
final class Projections {

  /** The columns of the product that belong to one layer. */
  interface Part {
    /** The number of columns. */
    int outputs();

    /** [inputs, outputs]. */
    Operand<TFloat32> kernel();

    /** [outputs]. */
    Operand<TFloat32> bias();

    /** Sets the gradients of the layer's variables, from those at its kernel and bias. */
    void set(Operand<TFloat32> dkernel, Operand<TFloat32> dbias, VariableGradients gradients);
  }

  /**
   * The gradients at what the product multiplies with and adds.
   *
   * @param kernel [inputs, all outputs]
   * @param bias [all outputs]
   */
  record Gradients(Operand<TFloat32> kernel, Operand<TFloat32> bias) {}

  private final FloatOps calc;
  private final @Nullable LayerNorm norm;
  private final List<Part> parts;
  private @Nullable Weights weights;
  private @Nullable Operand<TFloat32> centered;

  /**
   * @param norm which the rows come from, without its scale and bias; null if they are read as they
   *     are
   */
  Projections(FloatOps calc, @Nullable LayerNorm norm, List<? extends Part> parts) {
    this.calc = calc;
    this.norm = norm;
    this.parts = List.copyOf(parts);
  }

  /**
   * What the rows are multiplied with, made once for all that read them.
   *
   * @param own the layers' own kernels side by side
   * @param kernel the same with the norm's scale
   * @param bias the layers' own biases with what the norm's bias adds
   */
  private record Weights(Operand<TFloat32> own, Operand<TFloat32> kernel, Operand<TFloat32> bias) {}

  private Weights weights() {
    if (weights == null) {
      Operand<TFloat32> own = calc.concat(1, parts.stream().map(Part::kernel).toList());
      Operand<TFloat32> bias = calc.concat(0, parts.stream().map(Part::bias).toList());
      weights =
          norm == null
              ? new Weights(own, own, bias)
              : new Weights(
                  own,
                  calc.mul(own, column(norm.scale())),
                  calc.add(calc.sum(calc.mul(own, column(norm.shift())), 0), bias));
    }
    return weights;
  }

  /** What gradients are multiplied with in the backward pass. */
  private Operand<TFloat32> centered() {
    if (centered == null) {
      Operand<TFloat32> kernel = weights().kernel();
      centered =
          norm == null
              ? kernel
              : calc.sub(kernel, calc.tf().math.mean(kernel, calc.whole(0), Mean.keepDims(true)));
    }
    return centered;
  }

  private Operand<TFloat32> column(Operand<TFloat32> vector) {
    return calc.reshape(vector, -1, 1);
  }

  /**
   * The outputs of all layers side by side.
   *
   * @param rows [rows, inputs]
   * @return [rows, all outputs]
   */
  Operand<TFloat32> apply(Operand<TFloat32> rows) {
    return calc.linear(rows, weights().kernel(), weights().bias());
  }

  /** The outputs of every layer, from those side by side. */
  List<Output<TFloat32>> split(Operand<TFloat32> outputs) {
    return calc.split(outputs, 1, sizes());
  }

  private int[] sizes() {
    return parts.stream().mapToInt(Part::outputs).toArray();
  }

  /**
   * The backward pass.
   *
   * @param rows that were read
   * @param doutputs the gradient at the outputs side by side
   * @return the gradient at the rows; behind a norm less its mean over every row, as {@link
   *     LayerNorm.Normal#backward} wants it
   */
  Operand<TFloat32> backward(
      Operand<TFloat32> rows, Operand<TFloat32> doutputs, VariableGradients gradients) {
    gradients.set(
        this, new Gradients(calc.matMulLeftTransposed(rows, doutputs), calc.sumRows(doutputs)));
    return calc.matMulRightTransposed(doutputs, centered());
  }

  /** Sets the gradients of all variables, from those of the product. */
  void set(Gradients of, VariableGradients gradients) {
    Operand<TFloat32> dkernel = of.kernel();
    Operand<TFloat32> own = weights().own();
    if (norm != null) {
      dkernel =
          calc.add(
              calc.mul(of.kernel(), column(norm.scale())),
              calc.mul(column(norm.shift()), of.bias()));
      norm.add(
          calc.sum(calc.mul(of.kernel(), own), 1),
          calc.sum(calc.mul(own, of.bias()), 1),
          gradients);
    }
    List<Output<TFloat32>> kernels = calc.split(dkernel, 1, sizes());
    List<Output<TFloat32>> biases = calc.split(of.bias(), 0, sizes());
    for (int i = 0; i < parts.size(); i++) {
      parts.get(i).set(kernels.get(i), biases.get(i), gradients);
    }
  }
}
