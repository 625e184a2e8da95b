package dev.mlit.train;

/** The loss or the gradient of a run is no longer a finite number. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private DivergedException(long step, String numbers) {
    super(
        "training diverged at step "
            + step
            + ": "
            + numbers
            + "; lower optimizer.learning-rate or lengthen schedule.warmup-epochs");
  }

  static DivergedException inStep(long step, double rate, float loss, float gradientNorm) {
    return new DivergedException(
        step, "loss " + loss + ", gradient norm " + gradientNorm + ", learning rate " + rate);
  }

  /** The step was fine, but not the model that it left. */
  static DivergedException inTest(long step, double loss) {
    return new DivergedException(step, "loss of the test images " + loss);
  }
}
