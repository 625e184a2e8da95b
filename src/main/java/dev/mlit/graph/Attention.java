package dev.mlit.graph;

import dev.mlit.spec.ModelSpec;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.types.TFloat32;

/**
 * Grouped query attention (Ainslie et al. 2023): H query heads read G groups of keys and values,
 * head h group h / (H/G).
 *
 * <p>The H/G heads of a group stand below each other as rows of one matrix, so every group is one
 * matrix product and no key or value is repeated.
 */
final class Attention {
  private final Calc calc;
  private final int width;
  private final int groups;
  private final int headsPerGroup;
  private final int headWidth;
  private final Linear query;
  private final Linear key;
  private final Linear value;
  private final Linear output;

  Attention(Layer layer, int width, ModelSpec.Attention spec) {
    this.calc = layer.calc();
    this.width = width;
    this.groups = spec.groups();
    this.headsPerGroup = spec.heads() / spec.groups();
    this.headWidth = width / spec.heads();
    this.query = new Linear(layer.child("query"), width, width);
    this.key = new Linear(layer.child("key"), width, groupsWidth());
    this.value = new Linear(layer.child("value"), width, groupsWidth());
    this.output = new Linear(layer.child("output"), width, width);
  }

  private int groupsWidth() {
    return groups * headWidth;
  }

  /**
   * Attention among the tokens of every image.
   *
   * @param x [batch * tokens, width]
   */
  Activation apply(Operand<TFloat32> x, int tokens) {
    // Query, key and value are one product.
    Operand<TFloat32> kernel =
        calc.concat(
            1, List.of(query.kernel().value(), key.kernel().value(), value.kernel().value()));
    Operand<TFloat32> bias =
        calc.concat(0, List.of(query.bias().value(), key.bias().value(), value.bias().value()));
    Operand<TFloat32> all = calc.addBias(calc.matMul(x, kernel), bias);
    List<Output<TFloat32>> parts = calc.split(all, 1, width, groupsWidth(), groupsWidth());
    double scale = 1 / Math.sqrt(headWidth);
    Operand<TFloat32> q = calc.mul(splitHeads(parts.get(0), tokens), scale);
    Operand<TFloat32> k = splitGroups(parts.get(1), tokens);
    Operand<TFloat32> v = splitGroups(parts.get(2), tokens);

    Operand<TFloat32> weights = calc.softmax(calc.batchMatMul(q, false, k, true));
    Activation y = output.apply(mergeHeads(calc.batchMatMul(weights, false, v, false), tokens));
    return new Activation(
        y.value(),
        (dy, gradients) -> {
          Operand<TFloat32> dmixed = splitHeads(y.backward().apply(dy, gradients), tokens);
          Operand<TFloat32> dv = calc.batchMatMul(weights, true, dmixed, false);
          Operand<TFloat32> dweights = calc.batchMatMul(dmixed, false, v, true);
          Operand<TFloat32> dscores = softmaxBackward(weights, dweights);
          Operand<TFloat32> dq = calc.mul(calc.batchMatMul(dscores, false, k, false), scale);
          Operand<TFloat32> dk = calc.batchMatMul(dscores, true, q, false);
          Operand<TFloat32> dall =
              calc.concat(1, List.of(mergeHeads(dq, tokens), mergeGroups(dk), mergeGroups(dv)));
          projections(x, dall, gradients);
          return calc.matMulRightTransposed(dall, kernel);
        });
  }

  private Operand<TFloat32> softmaxBackward(Operand<TFloat32> y, Operand<TFloat32> dy) {
    return calc.mul(y, calc.sub(dy, calc.sumLast(calc.mul(dy, y))));
  }

  /** The gradients of the query, key and value projections, from the one at their outputs. */
  private void projections(
      Operand<TFloat32> x, Operand<TFloat32> dall, VariableGradients gradients) {
    int[] sizes = {width, groupsWidth(), groupsWidth()};
    List<Output<TFloat32>> kernels = calc.split(calc.matMulLeftTransposed(x, dall), 1, sizes);
    List<Output<TFloat32>> biases = calc.split(calc.sumRows(dall), 0, sizes);
    Linear[] projections = {query, key, value};
    for (int i = 0; i < projections.length; i++) {
      gradients.set(projections[i].kernel(), kernels.get(i));
      gradients.set(projections[i].bias(), biases.get(i));
    }
  }

  /** [batch * tokens, heads * size] to [batch, groups, heads per group * tokens, size]. */
  private Operand<TFloat32> splitHeads(Operand<TFloat32> rows, int tokens) {
    Operand<TFloat32> heads = calc.reshape(rows, -1, tokens, groups, headsPerGroup, headWidth);
    return calc.reshape(
        calc.transpose(heads, 0, 2, 3, 1, 4), -1, groups, headsPerGroup * tokens, headWidth);
  }

  /** The inverse of {@link #splitHeads}. */
  private Operand<TFloat32> mergeHeads(Operand<TFloat32> heads, int tokens) {
    Operand<TFloat32> apart = calc.reshape(heads, -1, groups, headsPerGroup, tokens, headWidth);
    return calc.reshape(calc.transpose(apart, 0, 3, 1, 2, 4), -1, width);
  }

  /** [batch * tokens, groups * size] to [batch, groups, tokens, size]. */
  private Operand<TFloat32> splitGroups(Operand<TFloat32> rows, int tokens) {
    return calc.transpose(calc.reshape(rows, -1, tokens, groups, headWidth), 0, 2, 1, 3);
  }

  /** The inverse of {@link #splitGroups}. */
  private Operand<TFloat32> mergeGroups(Operand<TFloat32> stack) {
    return calc.reshape(calc.transpose(stack, 0, 2, 1, 3), -1, groupsWidth());
  }
}
