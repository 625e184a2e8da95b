package dev.mlit.graph;

import dev.mlit.spec.ModelSpec;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/** A pre-norm block: x = x + attention(norm(x)); x = x + moe(norm(x)). */
final class Block {
  private final Calc calc;
  private final LayerNorm attentionNorm;
  private final Attention attention;
  private final LayerNorm moeNorm;
  private final Moe moe;

  Block(
      Layer layer,
      int block,
      int width,
      ModelSpec.Attention attention,
      int experts,
      int hidden,
      ModelSpec.Routing routing) {
    this.calc = layer.calc();
    this.attentionNorm = new LayerNorm(layer.child("attention_norm"), width);
    this.attention = new Attention(layer.child("attention"), width, attention);
    this.moeNorm = new LayerNorm(layer.child("moe_norm"), width);
    this.moe = new Moe(layer.child("moe"), block, width, experts, hidden, routing);
  }

  /** The block without gate noise, for inference. */
  Moe.Inferred apply(Operand<TFloat32> x, int tokens) {
    Operand<TFloat32> attended =
        calc.add(x, attention.apply(attentionNorm.apply(x).value(), tokens).value());
    Moe.Inferred mixed = moe.apply(moeNorm.apply(attended).value());
    return new Moe.Inferred(calc.add(attended, mixed.value()), mixed.gates());
  }

  /**
   * The first token of every image after the block, without gate noise, for inference.
   *
   * @return [batch, width]
   */
  Operand<TFloat32> applyToFirst(Operand<TFloat32> x, int tokens) {
    Operand<TFloat32> normed = attentionNorm.apply(x).value();
    Operand<TFloat32> attended =
        calc.add(
            calc.first(x, tokens),
            attention.applyToFirst(normed, calc.first(normed, tokens), tokens));
    return calc.add(attended, moe.apply(moeNorm.apply(attended).value()).value());
  }

  /** The balance losses of a batch, to which every lane of it adds its tokens. */
  Balances balances() {
    return moe.balances();
  }

  /** The block with gate noise, for training. */
  Moe.Trained apply(Operand<TFloat32> x, int tokens, GateNoise noise, Balances balances) {
    Activation normed = attentionNorm.apply(x);
    Activation attended = attention.apply(normed.value(), tokens);
    Operand<TFloat32> middle = calc.add(x, attended.value());
    Activation normedMiddle = moeNorm.apply(middle);
    Moe.Trained mixed = moe.apply(normedMiddle.value(), noise, balances);
    Operand<TFloat32> y = calc.add(middle, mixed.activation().value());
    Activation activation =
        new Activation(
            y,
            (dy, gradients) -> {
              Operand<TFloat32> dmoe = mixed.activation().backward().apply(dy, gradients);
              Operand<TFloat32> dmiddle =
                  calc.add(dy, normedMiddle.backward().apply(dmoe, gradients));
              Operand<TFloat32> dattention = attended.backward().apply(dmiddle, gradients);
              return calc.add(dmiddle, normed.backward().apply(dattention, gradients));
            });
    return new Moe.Trained(activation, mixed.gates());
  }
}
