package dev.mlit.train;

/** The loss or the gradient of a run is no longer a finite number. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  DivergedException(long step, double rate, float loss, float gradientNorm) {
    super(
        "training diverged at step "
            + step
            + ": loss "
            + loss
            + ", gradient norm "
            + gradientNorm
            + ", learning rate "
            + rate
            + "; lower optimizer.learning-rate or lengthen schedule.warmup-epochs");
  }
}
