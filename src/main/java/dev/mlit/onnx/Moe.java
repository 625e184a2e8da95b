package dev.mlit.onnx;

/**
 * A layer of t SwiGLU experts that share V and W2, y = ((sum_e g_e silu(x W_e + b_e)) * (x V + c))
 * W2 + d, with one product for all experts; the gates g are the softmax of the k largest scores, 0
 * elsewhere (Shazeer et al. 2017), without noise. V is a product of its own: the result of one for
 * all would have to be split, which copies.
 */
final class Moe {
  private final Ops ops;
  private final long width;
  private final long experts;
  private final long hidden;
  private final int top;

  /**
   * A layer.
   *
   * @param top how many experts a token uses, k
   */
  Moe(Ops layer, int width, int experts, int hidden, int top) {
    this.ops = layer;
    this.width = width;
    this.experts = experts;
    this.hidden = hidden;
    this.top = top;
  }

  /** From [rows, width] to [rows, width]. */
  Value apply(Value x) {
    Value kernels = ops.transpose(ops.variable("experts/kernel"), 1, 0, 2);
    Value inner =
        ops.linear(
            x,
            ops.reshape(kernels, width, experts * hidden),
            ops.reshape(ops.variable("experts/bias"), experts * hidden));
    Value silu = ops.reshape(ops.silu(inner), -1, experts, hidden);
    Value gates = ops.reshape(gates(x), -1, 1, experts);
    Value mixed = ops.reshape(ops.matMul(gates, silu), -1, hidden);
    return ops.linear("output", ops.mul(mixed, ops.linear("value", x)));
  }

  /** [rows, experts]; TopK takes the lower index among equals, as mlit does. */
  private Value gates(Value x) {
    Value scores = ops.linear("gate", x);
    if (top == experts) {
      return ops.softmax(scores);
    }
    Ops.Top kept = ops.largest(scores, top);
    return ops.scatter(scores, kept.indices(), ops.softmax(kept.values()));
  }
}
