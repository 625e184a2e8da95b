package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.ModelSpec.Pooling;
import dev.mlit.tensorflow.FloatOps;
import dev.mlit.weights.Layer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** From images to tokens and features: embedding, blocks, final norm, pooling. */
final class Encoder {
  private final ModelSpec spec;
  private final FloatOps calc;
  private final Embedding embedding;
  private final Blocks blocks;
  private final LayerNorm norm;

  /** Makes the variables. */
  Encoder(Layer model, ModelSpec spec) {
    this.spec = spec;
    this.embedding = new Embedding(model, spec);
    Layer encoder = model.child("encoder");
    this.calc = encoder.calc();
    this.blocks =
        new Blocks(
            encoder,
            0,
            spec.embedding(),
            spec.attention(),
            spec.experts(),
            spec.hiddenWidths(),
            spec.routing());
    this.norm = new LayerNorm(encoder.child("norm"), spec.embedding());
  }

  Embedding embedding() {
    return embedding;
  }

  /** The balance losses of every block, to which every lane of a batch adds its tokens. */
  List<BalanceLosses> balances() {
    return blocks.balances();
  }

  /**
   * The encoder's outputs for images.
   *
   * @param features [batch, embedding]
   * @param tokens [batch, tokens, embedding] after the final norm, the class token first
   * @param gates [batch * tokens, experts] of every block
   */
  record Inferred(
      Operand<TFloat32> features, Operand<TFloat32> tokens, List<Operand<TFloat32>> gates) {}

  /** All patches of images, without gate noise. */
  Inferred infer(Operand<TFloat32> images) {
    Blocks.Inferred through = blocks.apply(embedding.apply(images).value(), spec.tokens());
    Operand<TFloat32> tokens =
        calc.reshape(norm.apply(through.value()).value(), -1, spec.tokens(), spec.embedding());
    // The class token needs no other token of the last block: those are computed only if they are
    // fetched.
    Operand<TFloat32> read =
        readsClassToken()
            ? blocks.lastToFirst(
                List.of(through.beforeLast()), new TokenLanes(calc, spec.tokens(), 1))
            : through.value();
    return new Inferred(features(read, spec.patches()).value(), tokens, through.gates());
  }

  /**
   * The features of one image at a time, without gate noise, its tokens shared out among threads.
   *
   * @param count parts of the tokens to compute side by side
   * @return [batch, embedding]
   */
  Operand<TFloat32> inferInParts(Operand<TFloat32> images, int count) {
    TokenLanes lanes = new TokenLanes(calc, spec.tokens(), count);
    List<Operand<TFloat32>> xs = lanes.split(embedding.apply(images).value(), spec.embedding());
    Operand<TFloat32> read = blocks.apply(xs, lanes, readsClassToken(), spec.embedding());
    return features(read, spec.patches()).value();
  }

  /**
   * The visible patches only, without gate noise.
   *
   * @param patches of all images; see {@link Embedding#patches}
   * @return tokens [batch * (visible + 1), embedding] after the final norm, the class token of
   *     every image first, and the gates of every block
   */
  Blocks.Inferred inferVisible(Operand<TFloat32> patches, Masking masking) {
    Operand<TFloat32> x = embedding.applyToVisible(patches, masking).value();
    Blocks.Inferred through = blocks.apply(x, masking.visible() + 1);
    return new Blocks.Inferred(
        norm.apply(through.value()).value(), through.beforeLast(), through.gates());
  }

  /**
   * The features of images, with gate noise, for training.
   *
   * @param masking the patches that are kept, where patch dropout leaves some out; null for all
   * @param drops of every block
   * @return an activation [batch, embedding]
   */
  Blocks.Trained train(
      Operand<TFloat32> images,
      @Nullable Masking masking,
      GateNoise noise,
      List<Drops.OfBlock> drops,
      List<BalanceLosses> balances) {
    Activation embedded =
        masking == null
            ? embedding.apply(images)
            : embedding.applyToVisible(embedding.patches(images), masking);
    int patches = masking == null ? spec.patches() : masking.visible();
    Blocks.Trained through =
        blocks.apply(embedded.value(), patches + 1, readsClassToken(), noise, drops, balances);
    Activation features = features(through.activation().value(), patches);
    return new Blocks.Trained(
        Activation.chain(List.of(embedded, through.activation(), features)), through.gates());
  }

  /**
   * The tokens of visible patches, with gate noise, for training.
   *
   * @return an activation [batch * (visible + 1), embedding] after the final norm
   */
  Blocks.Trained trainVisible(
      Operand<TFloat32> patches,
      Masking masking,
      GateNoise noise,
      List<Drops.OfBlock> drops,
      List<BalanceLosses> balances) {
    Activation embedded = embedding.applyToVisible(patches, masking);
    Blocks.Trained through =
        blocks.apply(embedded.value(), masking.visible() + 1, false, noise, drops, balances);
    Activation normed = norm.apply(through.activation().value());
    return new Blocks.Trained(
        Activation.chain(List.of(embedded, through.activation(), normed)), through.gates());
  }

  /**
   * What is dropped of features in training: for every lane, block by block.
   *
   * @param patches of an image that are computed
   */
  List<List<Drops.OfBlock>> drops(Drops drops, Lanes lanes, int patches) {
    return drops(drops, lanes, patches + 1, readsClassToken() ? 1 : patches + 1);
  }

  /** What is dropped of the tokens of visible patches: for every lane, block by block. */
  List<List<Drops.OfBlock>> dropsOfVisible(Drops drops, Lanes lanes) {
    int tokens = spec.visiblePatches() + 1;
    return drops(drops, lanes, tokens, tokens);
  }

  private List<List<Drops.OfBlock>> drops(Drops drops, Lanes lanes, int tokens, int rowsOfLast) {
    List<List<Drops.OfBlock>> ofLanes = new ArrayList<>();
    for (int lane = 0; lane < lanes.count(); lane++) {
      ofLanes.add(new ArrayList<>());
    }
    int count = blocks.count();
    for (int i = 0; i < count; i++) {
      int expertRows = i == count - 1 ? rowsOfLast : tokens;
      List<Drops.OfBlock> ofBlock =
          drops.ofBlock(calc, lanes, i, count, tokens, expertRows, spec.embedding());
      for (int lane = 0; lane < ofLanes.size(); lane++) {
        ofLanes.get(lane).add(ofBlock.get(lane));
      }
    }
    return ofLanes;
  }

  /**
   * The final norm and pooling.
   *
   * @param x what is read of the last block: [batch, embedding], the class tokens; or all tokens,
   *     [batch * (patches + 1), embedding]
   * @param patches of an image that were computed
   * @return [batch, embedding]
   */
  private Activation features(Operand<TFloat32> x, int patches) {
    Activation normed = norm.apply(x);
    if (readsClassToken()) {
      return normed;
    }
    int width = spec.embedding();
    Ops tf = calc.tf();
    Operand<TFloat32> rest =
        calc.split(calc.reshape(normed.value(), -1, patches + 1, width), 1, 1, patches).get(1);
    return new Activation(
        calc.mul(calc.sum(rest, 1), 1.0 / patches),
        (dy, gradients) -> {
          Operand<TFloat32> each = calc.reshape(calc.mul(dy, 1.0 / patches), -1, 1, width);
          Operand<TInt32> times = tf.constant(new int[] {1, patches, 1});
          Operand<TInt32> before = tf.constant(new int[][] {{0, 0}, {1, 0}, {0, 0}});
          Operand<TFloat32> dnormed = tf.pad(tf.tile(each, times), before, calc.constant(0));
          return normed.backward().apply(calc.reshape(dnormed, -1, width), gradients);
        });
  }

  /** Whether the class token of the last block is all that is read of it. */
  private boolean readsClassToken() {
    return spec.pooling() == Pooling.CLASS_TOKEN;
  }
}
