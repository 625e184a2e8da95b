package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import dev.mlit.weights.Layer;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/** Blocks one after the other: those of an encoder, or of a decoder. */
final class Blocks {
  private final List<Block> blocks = new ArrayList<>();

  /**
   * Makes the variables of all blocks.
   *
   * @param layer gets a layer {@code block_0}, {@code block_1}, ... inside
   * @param first the number of blocks of the model before these, which distinguishes the noise of
   *     their gates
   * @param experts of every block
   * @param hidden the width of the experts of every block
   */
  Blocks(
      Layer layer,
      int first,
      int width,
      ModelSpec.Attention attention,
      List<Integer> experts,
      List<Integer> hidden,
      ModelSpec.Routing routing) {
    for (int i = 0; i < experts.size(); i++) {
      blocks.add(
          new Block(
              layer.child("block_" + i),
              first + i,
              width,
              attention,
              experts.get(i),
              hidden.get(i),
              routing));
    }
  }

  int count() {
    return blocks.size();
  }

  /**
   * The output without gate noise.
   *
   * @param value [rows, width]
   * @param beforeLast the last block's input, [rows, width]
   * @param gates [rows, experts] of every block
   */
  record Inferred(
      Operand<TFloat32> value, Operand<TFloat32> beforeLast, List<Operand<TFloat32>> gates) {}

  /** All blocks without gate noise, for inference. */
  Inferred apply(Operand<TFloat32> x, int tokens) {
    Operand<TFloat32> beforeLast = x;
    Operand<TFloat32> value = x;
    List<Operand<TFloat32>> gates = new ArrayList<>();
    for (Block block : blocks) {
      beforeLast = value;
      Moe.Inferred inferred = block.apply(value, tokens);
      value = inferred.value();
      gates.add(inferred.gates());
    }
    return new Inferred(value, beforeLast, gates);
  }

  /**
   * The first token of every image after the last block only, without gate noise.
   *
   * @return [batch, width]
   */
  Operand<TFloat32> lastToFirst(List<Operand<TFloat32>> beforeLast, TokenLanes lanes) {
    return last().applyToFirst(beforeLast, lanes);
  }

  /**
   * All blocks without gate noise, in lanes of tokens.
   *
   * @param toFirst whether only the first token of every image is wanted of the last block
   * @return [batch * tokens, width], or [batch, width]
   */
  Operand<TFloat32> apply(
      List<Operand<TFloat32>> xs, TokenLanes lanes, boolean toFirst, int width) {
    List<Operand<TFloat32>> values = xs;
    for (Block block : blocks.subList(0, blocks.size() - 1)) {
      values = block.apply(values, lanes);
    }
    return toFirst ? lastToFirst(values, lanes) : lanes.join(last().apply(values, lanes), width);
  }

  private Block last() {
    return blocks.get(blocks.size() - 1);
  }

  /** The balance losses of every block, to which every lane of a batch adds its tokens. */
  List<BalanceLosses> balances() {
    return blocks.stream().map(Block::balances).toList();
  }

  /**
   * The output while training.
   *
   * @param activation the output and its backward pass
   * @param gates [rows, experts] of every block
   */
  record Trained(Activation activation, List<Operand<TFloat32>> gates) {}

  /**
   * All blocks with gate noise, for training.
   *
   * @param x [batch * tokens, width]
   * @param toFirst whether only the first token of every image is read of the last block: then the
   *     output is [batch, width]
   * @param drops of every block; empty if nothing is dropped
   */
  Trained apply(
      Operand<TFloat32> x,
      int tokens,
      boolean toFirst,
      GateNoise noise,
      List<Drops.OfBlock> drops,
      List<BalanceLosses> balances) {
    List<Activation> activations = new ArrayList<>();
    List<Operand<TFloat32>> gates = new ArrayList<>();
    Operand<TFloat32> value = x;
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      Drops.OfBlock dropsOfBlock = drops.isEmpty() ? Drops.OfBlock.NOTHING : drops.get(i);
      Block.Trained trained =
          toFirst && block == last()
              ? block.applyToFirst(value, tokens, noise, dropsOfBlock, balances.get(i))
              : block.apply(value, tokens, noise, dropsOfBlock, balances.get(i));
      activations.add(trained.activation());
      gates.add(trained.gates());
      value = trained.activation().value();
    }
    return new Trained(Activation.chain(activations), gates);
  }

  /**
   * The gates of every block for the whole batch.
   *
   * @param gatesOfLanes for every lane those of every block
   */
  static List<Operand<TFloat32>> joinGates(
      Lanes lanes, List<List<Operand<TFloat32>>> gatesOfLanes) {
    List<Operand<TFloat32>> joined = new ArrayList<>();
    for (int block = 0; block < gatesOfLanes.get(0).size(); block++) {
      int index = block;
      joined.add(lanes.join(gatesOfLanes.stream().map(gates -> gates.get(index)).toList()));
    }
    return joined;
  }
}
