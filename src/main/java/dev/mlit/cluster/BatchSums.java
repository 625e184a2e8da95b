package dev.mlit.cluster;

import dev.mlit.tensorflow.FloatOps;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * Sums over the images of a batch that several workers share: all that a step must know of the
 * whole batch before its backward pass, in one exchange.
 *
 * @since 0.1.0
 */
public final class BatchSums {
  private final FloatOps calc;
  private final AllReduce workers;
  private final List<Operand<TFloat32>> sums = new ArrayList<>();
  private final List<Integer> lengths = new ArrayList<>();
  private @Nullable List<? extends Operand<TFloat32>> totals;

  public BatchSums(FloatOps calc, AllReduce workers) {
    this.calc = calc;
    this.workers = workers;
  }

  /**
   * Adds a sum over this worker's images.
   *
   * @param sum [length]
   * @return the sum over all workers' images; all sums must have been added when it is asked for
   * @throws IllegalStateException if one has been asked for
   */
  public Supplier<Operand<TFloat32>> add(Operand<TFloat32> sum, int length) {
    if (totals != null) {
      throw new IllegalStateException("the sums of the batch are in use");
    }
    int index = sums.size();
    sums.add(sum);
    lengths.add(length);
    return () -> totals().get(index);
  }

  /** As above, of a scalar. */
  public Supplier<Operand<TFloat32>> addScalar(Operand<TFloat32> sum) {
    Supplier<Operand<TFloat32>> total = add(calc.reshape(sum, 1), 1);
    return () -> calc.scalar(total.get());
  }

  private List<? extends Operand<TFloat32>> totals() {
    if (totals == null) {
      totals =
          workers == AllReduce.ALONE
              ? sums
              : calc.split(
                  workers.sum(calc.tf(), calc.concat(0, sums)),
                  0,
                  lengths.stream().mapToInt(Integer::intValue).toArray());
    }
    return totals;
  }
}
