package dev.mlit.onnx;

import dev.mlit.spec.ModelSpec;

/**
 * Grouped query attention (Ainslie et al. 2023): H query heads read G groups of keys and values,
 * head h group h / (H/G). The heads of a group stand below each other as rows of one matrix.
 */
final class Attention {
  private final Ops ops;
  private final long width;
  private final long groups;
  private final long headsPerGroup;
  private final int headWidth;

  Attention(Ops layer, int width, ModelSpec.Attention spec) {
    this.ops = layer;
    this.width = width;
    this.groups = spec.groups();
    this.headsPerGroup = spec.heads() / spec.groups();
    this.headWidth = width / spec.heads();
  }

  /** Attention among the tokens of every image, [batch * tokens, width]. */
  Value apply(Value x, long tokens) {
    return attended(x, tokens, x, tokens);
  }

  /**
   * The attention of the first token of every image only.
   *
   * @param first the first tokens among x, [batch, width]
   * @return [batch, width]
   */
  Value applyToFirst(Value x, Value first, long tokens) {
    return attended(first, 1, x, tokens);
  }

  /** The scale of the scores is in the query's weights. */
  private Value queryScaled(String variable) {
    return ops.mul(
        ops.variable("query/" + variable),
        ops.graph().constant("scale_" + headWidth, (float) (1 / Math.sqrt(headWidth))));
  }

  /** Query, key and value are three products: one would have to be split, which copies. */
  private Value attended(Value from, long queries, Value to, long tokens) {
    Value query = ops.linear(from, queryScaled("kernel"), queryScaled("bias"));
    Value key = ops.linear("key", to);
    Value value = ops.linear("value", to);
    Value q =
        ops.transpose(
            ops.reshape(query, -1, queries, groups, headsPerGroup, headWidth), 0, 2, 3, 1, 4);
    Value rows = ops.reshape(q, -1, groups, headsPerGroup * queries, headWidth);
    Value k = ops.transpose(ops.reshape(key, -1, tokens, groups, headWidth), 0, 2, 3, 1);
    Value v = ops.transpose(ops.reshape(value, -1, tokens, groups, headWidth), 0, 2, 1, 3);
    Value mixed = ops.matMul(ops.softmax(ops.matMul(rows, k)), v);
    Value apart = ops.reshape(mixed, -1, groups, headsPerGroup, queries, headWidth);
    Value merged = ops.reshape(ops.transpose(apart, 0, 3, 1, 2, 4), -1, width);
    return ops.linear("output", merged);
  }
}
