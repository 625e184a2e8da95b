package dev.mlit.model;

import dev.mlit.cluster.BatchSums;
import dev.mlit.tensorflow.FloatOps;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * The balance losses of one block, over the tokens of all lanes of a batch.
 *
 * @param importance of the gates
 * @param load of the chances to be kept; null if every expert is kept, which is balanced whatever
 *     the gates are
 */
record BalanceLosses(FloatOps calc, BalanceLoss importance, @Nullable BalanceLoss load) {

  /** Adds the tokens of other workers. Call it when every lane has added its part. */
  void share(BatchSums batch) {
    importance.share(batch);
    if (load != null) {
      load.share(batch);
    }
  }

  /** Their sum, a scalar to add to the loss. Ask for it when every lane has added its part. */
  Operand<TFloat32> loss() {
    return load == null ? importance.loss() : calc.add(importance.loss(), load.loss());
  }
}
