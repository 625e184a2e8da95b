package dev.mlit.train.step;

import java.util.Optional;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * The loss, a gradient or a weight of a run is no longer a finite number. The last checkpoint was
 * written before that.
 *
 * @since 0.1.0
 */
@API(status = Status.MAINTAINED)
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final long step;
  private final String variable;

  private DivergedException(long step, String numbers, NonFinite cause) {
    super(
        "training diverged at step "
            + step
            + ": "
            + numbers
            + "; "
            + cause
            + "; lower optimizer.learning-rate or lengthen schedule.warmup-epochs");
    this.step = step;
    this.variable = cause.variable();
  }

  static DivergedException inStep(
      long step, double rate, float loss, float gradientNorm, NonFinite cause) {
    return new DivergedException(
        step,
        "loss " + loss + ", gradient norm " + gradientNorm + ", learning rate " + rate,
        cause);
  }

  /** The step was fine, but not the model that it left. */
  @API(status = Status.INTERNAL)
  public static DivergedException inEvaluation(
      String part, long step, double rate, double loss, NonFinite cause) {
    return new DivergedException(
        step, "loss of the " + part + " images " + loss + ", learning rate " + rate, cause);
  }

  /** The step was fine, but not the weights that it left. */
  static DivergedException afterStep(long step, double rate, NonFinite cause) {
    return new DivergedException(step, "learning rate " + rate, cause);
  }

  /** The step, counted from 1. */
  public long step() {
    return step;
  }

  /** The variable that was the first to be not finite, or whose layer's values were. */
  public Optional<String> variable() {
    return variable.isEmpty() ? Optional.empty() : Optional.of(variable);
  }
}
