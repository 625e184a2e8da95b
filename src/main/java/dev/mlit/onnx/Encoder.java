package dev.mlit.onnx;

import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.ModelSpec.Pooling;
import org.jspecify.annotations.Nullable;

/** From images to tokens and features: embedding, blocks, final norm, pooling. */
final class Encoder {
  private final Ops model;
  private final Ops ops;
  private final ModelSpec spec;
  private final Blocks blocks;

  Encoder(Ops model, ModelSpec spec) {
    this.model = model;
    this.ops = model.child("encoder");
    this.spec = spec;
    this.blocks =
        new Blocks(
            ops,
            spec.embedding(),
            spec.attention(),
            spec.experts(),
            spec.hiddenWidths(),
            spec.routing().top());
  }

  /**
   * The encoder's outputs.
   *
   * @param features [batch, embedding]
   * @param tokens [batch, tokens, embedding] after the final norm; null if they are not needed
   */
  record Encoded(Value features, @Nullable Value tokens) {}

  /**
   * All patches of images.
   *
   * @param withTokens whether all tokens are an output: the features need the class token only, or
   *     the mean
   */
  Encoded apply(Value images, boolean withTokens) {
    Value x = new Embedding(model, spec).apply(images);
    long count = spec.tokens();
    boolean readsClassToken = spec.pooling() == Pooling.CLASS_TOKEN;
    if (readsClassToken && !withTokens) {
      return new Encoded(ops.norm("norm", blocks.applyToFirst(x, count)), null);
    }
    Value rows = ops.norm("norm", blocks.apply(x, count));
    Value tokens = ops.reshape(rows, -1, count, spec.embedding());
    Value features =
        readsClassToken ? ops.at(tokens, 1, 0) : ops.mean(ops.slice(tokens, 1, 1, count), 1);
    return new Encoded(features, tokens);
  }

  /**
   * The visible patches only.
   *
   * @param visible of every image the numbers of the visible patches, [batch, visible]
   * @return tokens [batch * (visible + 1), embedding] after the final norm
   */
  Value applyToVisible(Value images, Value visible) {
    Value x = new Embedding(model, spec).applyToVisible(images, visible);
    return ops.norm("norm", blocks.apply(x, spec.visiblePatches() + 1));
  }
}
