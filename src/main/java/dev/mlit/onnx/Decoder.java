package dev.mlit.onnx;

import dev.mlit.spec.ModelSpec;
import java.util.Collections;

/**
 * The decoder of an autoencoder, from the tokens of visible patches to the pixels of all: a
 * projection to the decoder's width, a mask token for every hidden patch, position embeddings,
 * blocks, a norm, and a projection to the normalised pixels of a patch.
 */
final class Decoder {
  private final Ops ops;
  private final ModelSpec spec;
  private final int width;
  private final Blocks blocks;

  Decoder(Ops model, ModelSpec spec, ModelSpec.Decoder decoder) {
    this.ops = model.child("decoder");
    this.spec = spec;
    this.width = decoder.embedding();
    this.blocks =
        new Blocks(
            ops,
            width,
            decoder.attention(),
            Collections.nCopies(decoder.layers(), decoder.experts()),
            Collections.nCopies(decoder.layers(), decoder.hidden()),
            spec.routing().top());
  }

  /**
   * Paints all patches.
   *
   * @param encoded [batch * (visible + 1), embedding of the encoder]
   * @return [batch, N, values of a patch]
   */
  Value apply(Value encoded, Masking masking) {
    long tokens = spec.tokens();
    Value x = ops.reshape(placed(encoded, masking), -1, width);
    Value painted = ops.reshape(blocks.apply(x, tokens), -1, tokens, width);
    // The class token has no pixels.
    Value patches = ops.reshape(ops.slice(painted, 1, 1, tokens), -1, width);
    Value pixels = ops.linear("prediction", ops.norm("norm", patches));
    return ops.reshape(pixels, -1, spec.patches(), spec.patchValues());
  }

  /** Every token in its place, those of hidden patches too: [batch, tokens, width]. */
  private Value placed(Value encoded, Masking masking) {
    long visible = spec.visiblePatches() + 1L;
    Value embedded = ops.reshape(ops.linear("embedding", encoded), -1, visible, width);
    Value maskToken = ops.pad(ops.variable("mask_token"), 3, visible, 0);
    Value withMaskToken = ops.add(ops.pad(embedded, 3, 0, 1), maskToken);
    Value placed = ops.gatherOfEach(withMaskToken, masking.sources(), spec.tokens());
    return ops.add(placed, ops.variable("position_embedding"));
  }
}
