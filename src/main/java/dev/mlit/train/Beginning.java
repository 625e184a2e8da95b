package dev.mlit.train;

import dev.mlit.cluster.Workers;
import dev.mlit.data.DataFingerprint;
import org.jspecify.annotations.Nullable;

/**
 * Where a run begins, or goes on.
 *
 * @param state where it was; null to start at the beginning
 * @param checkpoint the name of the checkpoint with that state; empty if there is none
 * @param resumed whether another process has started the run
 */
record Beginning(@Nullable RunState state, String checkpoint, boolean resumed) {
  /** A run that starts. */
  static final Beginning NEW = new Beginning(null, "", false);

  private static final int NUMBERS = 4;

  /** A run that another process has started; its checkpoint is null if there is none yet. */
  static Beginning resumed(@Nullable Checkpoint from) {
    return from == null
        ? new Beginning(null, "", true)
        : new Beginning(from.state(), from.directory().getFileName().toString(), true);
  }

  /** Sends it to the other workers, from the first one. */
  void share(Workers workers) {
    workers.first(numbers());
  }

  /** Receives it from the first worker. */
  static Beginning shared(Workers workers, DataFingerprint data) {
    return of(workers.first(new int[NUMBERS]), data);
  }

  /** The step's two halves, the epoch, and the rule of the rate; all 0 for a run that is new. */
  int[] numbers() {
    return state == null
        ? new int[NUMBERS]
        : new int[] {
          (int) (state.step() >>> Integer.SIZE),
          (int) state.step(),
          state.epoch(),
          state.lastStepLearns() ? 1 : 0
        };
  }

  /** The inverse of {@link #numbers}, for a worker that needs no sums. */
  static Beginning of(int[] numbers, DataFingerprint data) {
    long step = ((long) numbers[0] << Integer.SIZE) | (numbers[1] & 0xffff_ffffL);
    int epoch = numbers[2];
    boolean lastStepLearns = numbers[3] == 1;
    return epoch == 0
        ? NEW
        : new Beginning(
            new RunState(step, epoch, new EpochSums().state(), 0, 0, data, lastStepLearns),
            "",
            true);
  }
}
