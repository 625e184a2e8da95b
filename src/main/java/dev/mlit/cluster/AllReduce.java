package dev.mlit.cluster;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Adds up vectors over the workers that train a model together. A graph that holds such a sum can
 * only be run by all workers at once, each with its share of the images.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface AllReduce {
  /** The sum of a single worker, which is its values. */
  AllReduce ALONE = (tf, vector) -> vector;

  /**
   * Adds the sum over all workers to the graph; every worker gets the same bits.
   *
   * @param vector [n], of the same length on every worker
   */
  Operand<TFloat32> sum(Ops tf, Operand<TFloat32> vector);
}
