package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.FloatOps;
import java.util.ArrayList;
import java.util.List;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * How the router of a block distributed some tokens.
 *
 * @param block the block, counted from 0
 * @param tokens for every expert, the share of the tokens that use it; the sum is k
 * @param gates for every expert, its mean gate; the sum is 1
 * @param entropy mean entropy of a token's gates in nats: 0 if one expert gets all of it, ln k if
 *     all k get the same
 * @since 0.1.0
 */
@API(status = Status.MAINTAINED)
public record RouterLoad(int block, List<Double> tokens, List<Double> gates, double entropy) {
  public RouterLoad {
    tokens = List.copyOf(tokens);
    gates = List.copyOf(gates);
  }

  /**
   * The statistics of all blocks in one vector: for each, tokens, gates and entropy.
   *
   * @param gatesOfBlocks [tokens, experts] of every block, as many tokens in each
   */
  static Operand<TFloat32> measure(FloatOps calc, List<Operand<TFloat32>> gatesOfBlocks) {
    Ops tf = calc.tf();
    Operand<TInt32> tokens = calc.rows(gatesOfBlocks.get(0));
    return calc.div(sum(calc, gatesOfBlocks), tf.dtypes.cast(tokens, TFloat32.class));
  }

  /** As {@link #measure}, the sums over the tokens in place of the means. */
  static Operand<TFloat32> sum(FloatOps calc, List<Operand<TFloat32>> gatesOfBlocks) {
    Ops tf = calc.tf();
    List<Operand<TFloat32>> parts = new ArrayList<>();
    for (Operand<TFloat32> gates : gatesOfBlocks) {
      parts.add(
          calc.sumRows(tf.dtypes.cast(tf.math.greater(gates, calc.constant(0)), TFloat32.class)));
      parts.add(calc.sumRows(gates));
      parts.add(tf.math.neg(calc.sumRows(calc.sumLast(tf.math.xlogy(gates, gates)))));
    }
    return calc.concat(0, parts);
  }

  /** The length of the vector for blocks of these numbers of experts. */
  static int length(List<Integer> expertsOfBlocks) {
    return expertsOfBlocks.stream().mapToInt(experts -> 2 * experts + 1).sum();
  }

  /** The statistics of every block, from the vector that a graph computed. */
  @API(status = Status.INTERNAL)
  public static List<RouterLoad> parse(ModelSpec model, TFloat32 vector) {
    List<RouterLoad> blocks = new ArrayList<>();
    int at = 0;
    for (int experts : model.experts()) {
      List<Double> tokens = new ArrayList<>();
      List<Double> gates = new ArrayList<>();
      for (int e = 0; e < experts; e++) {
        tokens.add((double) vector.getFloat(at + e));
        gates.add((double) vector.getFloat(at + experts + e));
      }
      at += 2 * experts;
      blocks.add(new RouterLoad(blocks.size(), tokens, gates, vector.getFloat(at++)));
    }
    return blocks;
  }

  /** The mean over several batches, weighted by their sizes. */
  @API(status = Status.INTERNAL)
  public static final class Mean {
    private final List<double[]> sums = new ArrayList<>();
    private double weights;

    /** A mean over nothing yet. */
    public Mean() {
      // The blocks are known when the first statistics come.
    }

    /** A mean over nothing yet, of the blocks of a model. */
    public Mean(ModelSpec model) {
      model.experts().forEach(experts -> sums.add(new double[2 * experts + 1]));
    }

    /** Adds the statistics of a batch. */
    public void add(List<RouterLoad> blocks, double weight) {
      weights += weight;
      for (RouterLoad block : blocks) {
        int experts = block.tokens.size();
        if (sums.size() == block.block) {
          sums.add(new double[2 * experts + 1]);
        }
        double[] sum = sums.get(block.block);
        for (int e = 0; e < experts; e++) {
          sum[e] += weight * block.tokens.get(e);
          sum[experts + e] += weight * block.gates.get(e);
        }
        sum[2 * experts] += weight * block.entropy;
      }
    }

    /** The sums so far, for {@link #restored}: every block's sums, then the weights' sum. */
    public List<double[]> sums() {
      List<double[]> copies = new ArrayList<>();
      sums.forEach(sum -> copies.add(sum.clone()));
      copies.add(new double[] {weights});
      return copies;
    }

    /** Goes on from {@link #sums}. */
    public static Mean restored(List<double[]> sums) {
      Mean mean = new Mean();
      int blocks = sums.size() - 1;
      sums.subList(0, blocks).forEach(sum -> mean.sums.add(sum.clone()));
      mean.weights = sums.get(blocks)[0];
      return mean;
    }

    /** The mean, block by block. */
    public List<RouterLoad> mean() {
      List<RouterLoad> blocks = new ArrayList<>();
      for (double[] sum : sums) {
        List<Double> means = new ArrayList<>();
        for (double value : sum) {
          means.add(value / weights);
        }
        int experts = sum.length / 2;
        blocks.add(
            new RouterLoad(
                blocks.size(),
                means.subList(0, experts),
                means.subList(experts, 2 * experts),
                means.get(2 * experts)));
      }
      return blocks;
    }
  }
}
