package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.FloatOps;
import dev.mlit.weights.Initializer;
import dev.mlit.weights.Layer;
import dev.mlit.weights.Variable;
import java.util.Collections;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The decoder of an autoencoder, from the tokens of visible patches to the pixels of all: a
 * projection to the decoder's width, a mask token for every hidden patch, position embeddings,
 * blocks, a norm, and a projection to the normalised pixels of a patch.
 */
final class Decoder {
  private final FloatOps calc;
  private final int tokens;
  private final int width;
  private final Linear embedding;
  private final Variable maskToken;
  private final Variable position;
  private final Blocks blocks;
  private final LayerNorm norm;
  private final Linear prediction;

  /** Makes the variables. */
  Decoder(Layer model, ModelSpec spec, ModelSpec.Decoder decoder) {
    Layer layer = model.child("decoder");
    this.calc = layer.calc();
    this.tokens = spec.tokens();
    this.width = decoder.embedding();
    this.embedding = new Linear(layer.child("embedding"), spec.embedding(), width);
    this.maskToken = layer.variable("mask_token", Initializer.NORMAL, false, 1, 1, width);
    this.position =
        layer.variable("position_embedding", Initializer.NORMAL, false, 1, tokens, width);
    this.blocks =
        new Blocks(
            layer,
            spec.layers(),
            width,
            decoder.attention(),
            Collections.nCopies(decoder.layers(), decoder.experts()),
            Collections.nCopies(decoder.layers(), decoder.hidden()),
            spec.routing());
    this.norm = new LayerNorm(layer.child("norm"), width);
    this.prediction = new Linear(layer.child("prediction"), width, spec.patchValues());
  }

  /** The balance losses of every block, to which every lane of a batch adds its tokens. */
  List<BalanceLosses> balances() {
    return blocks.balances();
  }

  /**
   * Paints all patches, without gate noise.
   *
   * @param encoded [batch * (visible + 1), embedding of the encoder]
   * @return [batch * N, values of a patch]
   */
  Operand<TFloat32> infer(Operand<TFloat32> encoded, Masking masking) {
    Operand<TFloat32> x = blocks.apply(place(encoded, masking).value(), tokens).value();
    return predict(x).value();
  }

  /** Paints all patches, with gate noise, for training; as {@link #infer}. */
  Activation train(
      Operand<TFloat32> encoded, Masking masking, GateNoise noise, List<BalanceLosses> balances) {
    Activation placed = place(encoded, masking);
    Activation through =
        blocks.apply(placed.value(), tokens, false, noise, List.of(), balances).activation();
    return Activation.chain(List.of(placed, through, predict(through.value())));
  }

  /** Every token in its place, those of hidden patches too: [batch * tokens, width]. */
  private Activation place(Operand<TFloat32> encoded, Masking masking) {
    Activation embedded = embedding.apply(encoded);
    Operand<TFloat32> fill = calc.reshape(maskToken.value(), 1, width);
    Operand<TFloat32> restored =
        calc.reshape(masking.restore(embedded.value(), fill), -1, tokens, width);
    return new Activation(
        calc.reshape(calc.add(restored, position.value()), -1, width),
        (dy, gradients) -> {
          Operand<TFloat32> dposition = calc.sum(calc.reshape(dy, -1, tokens, width), 0);
          gradients.set(position, calc.reshape(dposition, 1, tokens, width));
          gradients.set(maskToken, calc.reshape(masking.sumOfHidden(dy), 1, 1, width));
          return embedded.backward().apply(masking.visibleTokens(dy), gradients);
        });
  }

  /** The class token has no pixels: [batch * tokens, width] to [batch * N, values of a patch]. */
  private Activation predict(Operand<TFloat32> x) {
    Operand<TFloat32> patches =
        calc.split(calc.reshape(x, -1, tokens, width), 1, 1, tokens - 1).get(1);
    Activation normed = norm.apply(calc.reshape(patches, -1, width));
    Activation predicted = prediction.apply(normed.value());
    return new Activation(
        predicted.value(),
        (dy, gradients) -> {
          Operand<TFloat32> dnormed = predicted.backward().apply(dy, gradients);
          Operand<TFloat32> dpatches = normed.backward().apply(dnormed, gradients);
          Operand<TInt32> before = calc.tf().constant(new int[][] {{0, 0}, {1, 0}, {0, 0}});
          Operand<TFloat32> apart = calc.reshape(dpatches, -1, tokens - 1, width);
          return calc.reshape(calc.tf().pad(apart, before, calc.constant(0)), -1, width);
        });
  }
}
