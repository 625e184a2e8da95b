package dev.mlit.model;

import dev.mlit.cluster.AllReduce;
import dev.mlit.cluster.BatchSums;
import dev.mlit.tensorflow.FloatOps;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * What a training pass adds up over all lanes of a batch and all workers that share it: the images,
 * the balance losses, what the gates did, and the sums of a task.
 *
 * <p>Add all sums first, then ask for totals: workers meet once.
 */
final class BatchTotals {
  private final FloatOps calc;
  private final List<BalanceLosses> balances;
  private final List<Operand<TFloat32>> gates;
  private final BatchSums sums;
  private final Supplier<Operand<TFloat32>> summedImages;
  private @Nullable Operand<TFloat32> images;

  /**
   * Totals of a batch that has passed all lanes.
   *
   * @param workers those that share the batch, each with other images of it
   * @param balances the balance losses of all blocks, to which every lane has added its tokens
   * @param gatesOfLanes for every lane those of every block
   */
  BatchTotals(
      FloatOps calc,
      Lanes lanes,
      AllReduce workers,
      List<BalanceLosses> balances,
      List<List<Operand<TFloat32>>> gatesOfLanes) {
    this.calc = calc;
    this.balances = balances;
    this.gates = Blocks.joinGates(lanes, gatesOfLanes);
    this.sums = new BatchSums(calc, workers);
    balances.forEach(balance -> balance.share(sums));
    this.summedImages = sums.addScalar(calc.tf().dtypes.cast(lanes.images(), TFloat32.class));
  }

  /** Adds a sum over this worker's images, a scalar, and gives that over all. */
  Supplier<Operand<TFloat32>> add(Operand<TFloat32> sum) {
    return sums.addScalar(sum);
  }

  /**
   * Adds what the gates did.
   *
   * @param experts of every block
   * @param tokens of an image
   * @return the means over all tokens; see {@link RouterLoad#parse}
   */
  Supplier<Operand<TFloat32>> addRouting(List<Integer> experts, int tokens) {
    Supplier<Operand<TFloat32>> routing =
        sums.add(RouterLoad.sum(calc, gates), RouterLoad.length(experts));
    return () -> calc.div(routing.get(), calc.mul(images(), tokens));
  }

  /** The number of images of the batch, a scalar. */
  Operand<TFloat32> images() {
    if (images == null) {
      images = summedImages.get();
    }
    return images;
  }

  /** The sum of the balance losses of all blocks, a scalar. */
  Operand<TFloat32> balanceLoss() {
    return calc.addAll(balances.stream().map(BalanceLosses::loss).toList());
  }
}
