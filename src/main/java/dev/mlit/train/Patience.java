package dev.mlit.train;

import dev.mlit.spec.EarlyStopping;
import dev.mlit.spec.EarlyStopping.Metric;
import dev.mlit.spec.InvalidInputException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** Ends a run that no longer gets better; see {@link Listeners#earlyStopping}. */
final class Patience implements TrainingListener {
  private EarlyStopping rule;
  private double best = Double.NEGATIVE_INFINITY;
  private int bestEpoch;
  private int lastEpoch;

  Patience(EarlyStopping rule) {
    this.rule = rule;
  }

  EarlyStopping rule() {
    return rule;
  }

  @Override
  public void started(Start start) {
    rule = rule.resolved(start.run().task());
    // The trainer has looked at this before, but for listeners within others.
    Choices.requireImages(rule, start.validationImages() > 0, start.dataset());
    // A run that resumes may look at what it did not measure before.
    start.history().stream().filter(epoch -> !Double.isNaN(value(epoch))).forEach(this::look);
  }

  @Override
  public void epoch(Epoch epoch) {
    if (Double.isNaN(value(epoch))) {
      throw new InvalidInputException(
          "early-stopping.metric: epoch " + epoch.epoch() + " has no " + metric().text());
    }
    look(epoch);
  }

  private void look(Epoch epoch) {
    double score = metric().isLoss() ? -value(epoch) : value(epoch);
    lastEpoch = epoch.epoch();
    // By more than the delta, so that a delta of 0 asks for some improvement.
    if (score - best > rule.minDelta()) {
      best = score;
      bestEpoch = epoch.epoch();
    }
  }

  private double value(Epoch epoch) {
    return switch (metric()) {
      case VALIDATION_ACCURACY -> epoch.validationAccuracy();
      case VALIDATION_LOSS -> epoch.validationLoss();
      case TEST_ACCURACY -> epoch.testAccuracy();
      case TEST_LOSS -> epoch.testLoss();
    };
  }

  private Metric metric() {
    return Objects.requireNonNull(rule.metric());
  }

  @Override
  public Optional<String> reasonToEnd() {
    if (lastEpoch - bestEpoch < rule.patience()) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%s was %s in epoch %d, %.4f, and no better in the %d epochs since",
            metric().text().replace('-', ' '),
            metric().isLoss() ? "lowest" : "highest",
            bestEpoch,
            Math.abs(best),
            lastEpoch - bestEpoch));
  }
}
