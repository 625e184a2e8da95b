package dev.mlit.onnx;

import dev.mlit.spec.ModelSpec;
import java.util.List;

/**
 * Pre-norm blocks one after the other, those of an encoder or of a decoder: x = x +
 * attention(norm(x)); x = x + moe(norm(x)).
 *
 * @param ops of the layer that has the blocks {@code block_0}, {@code block_1}, ...
 * @param width of the tokens
 * @param attention of every block
 * @param experts of every block, how many
 * @param hidden the width of the experts of every block
 * @param top how many experts a token uses
 */
record Blocks(
    Ops ops,
    int width,
    ModelSpec.Attention attention,
    List<Integer> experts,
    List<Integer> hidden,
    int top) {

  /** All blocks, [batch * tokens, width]. */
  Value apply(Value x, long tokens) {
    return apply(x, tokens, experts.size());
  }

  /** The first token of every image after all blocks: [batch * tokens, width] to [batch, width]. */
  Value applyToFirst(Value x, long tokens) {
    int last = experts.size() - 1;
    Value before = apply(x, tokens, last);
    Ops block = block(last);
    Value normed = block.norm("attention_norm", before);
    Value attended = attention(block).applyToFirst(normed, first(normed, tokens), tokens);
    return mixed(last, block.add(first(before, tokens), attended));
  }

  private Value first(Value x, long tokens) {
    return ops.at(ops.reshape(x, -1, tokens, width), 1, 0);
  }

  private Value apply(Value x, long tokens, int count) {
    Value value = x;
    for (int i = 0; i < count; i++) {
      Ops block = block(i);
      Value attended = attention(block).apply(block.norm("attention_norm", value), tokens);
      value = mixed(i, block.add(value, attended));
    }
    return value;
  }

  private Value mixed(int i, Value x) {
    Ops block = block(i);
    Moe moe = new Moe(block.child("moe"), width, experts.get(i), hidden.get(i), top);
    return block.add(x, moe.apply(block.norm("moe_norm", x)));
  }

  private Attention attention(Ops block) {
    return new Attention(block.child("attention"), width, attention);
  }

  private Ops block(int i) {
    return ops.child("block_" + i);
  }
}
