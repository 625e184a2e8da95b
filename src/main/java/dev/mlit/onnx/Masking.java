package dev.mlit.onnx;

import dev.mlit.spec.ModelSpec;

/**
 * Which patches of images an autoencoder sees: of every image those with the smallest noise, the
 * earlier patch first among equals.
 */
final class Masking {
  private final Ops ops;
  private final long visible;

  /** Of every image the patches by their noise, [batch, N], from 0. */
  private final Value order;

  /** Of every patch its place in that order, [batch, N], from 0. */
  private final Value rank;

  /**
   * Masks images.
   *
   * @param noise [batch, N]
   */
  Masking(Ops ops, ModelSpec spec, Value noise) {
    this.ops = ops;
    this.visible = spec.visiblePatches();
    this.order = ops.smallest(noise, spec.patches()).indices();
    // Sorting an order gives the places of what it puts in order.
    this.rank = ops.smallest(order, spec.patches()).indices();
  }

  /** The numbers of the visible patches, [batch, visible]. */
  Value visible() {
    return ops.slice(order, 1, 0, visible);
  }

  /** 1 for every hidden patch and 0 for every visible one, [batch, N]. */
  Value hidden() {
    return ops.notLess(rank, ops.graph().constant(visible));
  }

  /**
   * Where the tokens of an image come from, in the order of the patches: 0 for the class token, the
   * visible ones after it, and visible + 1 for all that is hidden; [batch, N+1].
   */
  Value sources() {
    Value behindClassToken = ops.add(rank, ops.graph().constant(1L));
    Value patches = ops.min(behindClassToken, ops.graph().constant(visible + 1));
    return ops.pad(patches, 2, 1, 0);
  }
}
