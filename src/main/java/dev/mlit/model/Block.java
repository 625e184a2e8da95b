package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.FloatOps;
import dev.mlit.weights.Layer;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/** A pre-norm block: x = x + attention(norm(x)); x = x + moe(norm(x)). */
final class Block {
  private final FloatOps calc;
  private final int width;
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
    this.width = width;
    this.attentionNorm = new LayerNorm(layer.child("attention_norm"), width);
    this.attention = new Attention(layer.child("attention"), width, attention, attentionNorm);
    this.moeNorm = new LayerNorm(layer.child("moe_norm"), width);
    this.moe = new Moe(layer.child("moe"), block, width, experts, hidden, routing, moeNorm);
  }

  /** The block without gate noise, for inference. */
  Moe.Inferred apply(Operand<TFloat32> x, int tokens) {
    Operand<TFloat32> attended =
        calc.add(x, attention.apply(attentionNorm.normal(x).value(), tokens).value());
    Moe.Inferred mixed = moe.apply(moeNorm.normal(attended).value());
    return new Moe.Inferred(calc.add(attended, mixed.value()), mixed.gates());
  }

  /** The block in lanes of tokens, without gate noise, for inference. */
  List<Operand<TFloat32>> apply(List<Operand<TFloat32>> xs, TokenLanes lanes) {
    List<Operand<TFloat32>> attended = attention.apply(normed(xs), lanes);
    List<Operand<TFloat32>> ys = new ArrayList<>();
    for (int lane = 0; lane < xs.size(); lane++) {
      ys.add(mixed(calc.add(xs.get(lane), attended.get(lane))));
    }
    return ys;
  }

  /**
   * The first token of every image after the block, without gate noise, for inference.
   *
   * @return [batch, width]
   */
  Operand<TFloat32> applyToFirst(List<Operand<TFloat32>> xs, TokenLanes lanes) {
    List<Operand<TFloat32>> normed = normed(xs);
    Operand<TFloat32> first = calc.first(normed.get(0), lanes.tokens(0));
    return mixed(
        calc.add(
            calc.first(xs.get(0), lanes.tokens(0)), attention.applyToFirst(normed, first, lanes)));
  }

  private List<Operand<TFloat32>> normed(List<Operand<TFloat32>> xs) {
    List<Operand<TFloat32>> normed = new ArrayList<>();
    xs.forEach(x -> normed.add(attentionNorm.normal(x).value()));
    return normed;
  }

  /** The second half of the block, for inference. */
  private Operand<TFloat32> mixed(Operand<TFloat32> x) {
    return calc.add(x, moe.apply(moeNorm.normal(x).value()).value());
  }

  /** The balance losses of a batch, to which every lane of it adds its tokens. */
  BalanceLosses balances() {
    return moe.balances();
  }

  /**
   * The output of the block while training.
   *
   * @param activation [rows, width] and its backward pass
   * @param gates [rows, experts]
   */
  record Trained(Activation activation, Operand<TFloat32> gates) {}

  /** The block with gate noise, for training. */
  Trained apply(
      Operand<TFloat32> x,
      int tokens,
      GateNoise noise,
      Drops.OfBlock drops,
      BalanceLosses balances) {
    return apply(x, tokens, 1, noise, drops, balances);
  }

  /**
   * The block with gate noise where only the first token of every image is read, for training.
   *
   * @return an activation [batch, width], whose backward pass gives the gradient at all tokens
   */
  Trained applyToFirst(
      Operand<TFloat32> x,
      int tokens,
      GateNoise noise,
      Drops.OfBlock drops,
      BalanceLosses balances) {
    return apply(x, tokens, tokens, noise, drops, balances);
  }

  /** Reads the first of every {@code count} rows. */
  private Trained apply(
      Operand<TFloat32> x,
      int tokens,
      int count,
      GateNoise noise,
      Drops.OfBlock drops,
      BalanceLosses balances) {
    LayerNorm.Normal normal = attentionNorm.normal(x);
    Attention.Attended attended = attention.apply(normal.value(), tokens);
    Operand<TFloat32> middle = calc.add(x, drops.attention().apply(attended.value()));
    LayerNorm.Normal normalMiddle = moeNorm.normal(middle);
    Moe.Trained mixed = moe.applyToFirst(normalMiddle.value(), count, noise, balances);
    Operand<TFloat32> y =
        calc.add(calc.first(middle, count), drops.experts().apply(mixed.activation().value()));
    boolean keeps = calc.options().keeps();
    // Norms are quick to compute again, and mostly the sum in the middle too: tensors of the size
    // of x.
    Activation activation =
        new Activation(
            y,
            (dy, gradients) -> {
              Operand<TFloat32> middleAgain =
                  keeps
                      ? middle
                      : calc.add(
                          calc.later(x, dy), drops.attention().apply(attended.again().apply(dy)));
              Operand<TFloat32> moeInput = normalMiddle.again(middleAgain);
              Operand<TFloat32> dmoe =
                  mixed
                      .activation()
                      .backward()
                      .apply(moeInput, drops.experts().apply(dy), gradients);
              Operand<TFloat32> dmiddle =
                  calc.add(calc.spread(dy, count, width), normalMiddle.backward(moeInput, dmoe));
              Operand<TFloat32> settled = gradients.settle(calc, dmiddle);
              Operand<TFloat32> attentionInput = normal.again(calc.later(x, settled));
              Operand<TFloat32> dattention =
                  attended
                      .backward()
                      .apply(attentionInput, drops.attention().apply(settled), gradients);
              return gradients.settle(
                  calc, calc.add(settled, normal.backward(attentionInput, dattention)));
            });
    return new Trained(activation, mixed.gates());
  }
}
