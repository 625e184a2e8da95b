package dev.mlit.train;

import dev.mlit.spec.EarlyStopping;
import dev.mlit.spec.EarlyStopping.Metric;
import java.util.Locale;
import java.util.Optional;

/** Ends a run that no longer gets better; see {@link Listeners#earlyStopping}. */
final class Patience implements TrainingListener {
  private final EarlyStopping spec;
  private double best = Double.NEGATIVE_INFINITY;
  private int bestEpoch;
  private int lastEpoch;

  Patience(EarlyStopping spec) {
    this.spec = spec;
  }

  @Override
  public void started(Start start) {
    start.history().forEach(this::epoch);
  }

  @Override
  public void epoch(Epoch epoch) {
    double score = spec.metric() == Metric.TEST_LOSS ? -epoch.testLoss() : epoch.testAccuracy();
    lastEpoch = epoch.epoch();
    // By more than the delta, so that a delta of 0 asks for some improvement.
    if (score - best > spec.minDelta()) {
      best = score;
      bestEpoch = epoch.epoch();
    }
  }

  @Override
  public Optional<String> reasonToEnd() {
    if (lastEpoch - bestEpoch < spec.patience()) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            spec.metric() == Metric.TEST_LOSS
                ? "test loss was lowest in epoch %d, %.4f, and no better in the %d epochs since"
                : "test accuracy was highest in epoch %d, %.4f, and no better in the %d epochs"
                    + " since",
            bestEpoch,
            Math.abs(best),
            lastEpoch - bestEpoch));
  }
}
