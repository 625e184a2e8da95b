package dev.mlit.train.step;

import dev.mlit.spec.RunSpec;
import dev.mlit.spec.ScheduleSpec.Decay;

/**
 * The learning rate of every step: linear from 0 in the warm-up, then down towards a part of the
 * highest rate, along half a cosine (Loshchilov and Hutter 2017) or a line; or constant.
 *
 * @param highest the rate at the end of the warm-up
 * @param warmupSteps steps of the warm-up; 0 for none
 * @param steps all steps of the run
 * @param decay how the rate falls after the warm-up
 * @param finalFactor what is left of the highest rate at the end, unless it is constant
 * @param end the step at which that is reached
 * @since 0.1.0
 */
public record LearningRate(
    double highest, long warmupSteps, long steps, Decay decay, double finalFactor, End end) {

  /** Where the rate has come down to its final factor. */
  public enum End {
    /**
     * At the step that would come after the last one, so that the last one still learns, as in
     * PyTorch's {@code CosineAnnealingLR} with {@code T_max} steps.
     */
    AFTER_LAST_STEP,
    /**
     * At the last step, which learns nothing where the final factor is 0. Runs that an earlier
     * version of mlit has begun go on so.
     */
    LAST_STEP
  }

  /** A rate that comes down to its final factor after the last step. */
  public LearningRate(
      double highest, long warmupSteps, long steps, Decay decay, double finalFactor) {
    this(highest, warmupSteps, steps, decay, finalFactor, End.AFTER_LAST_STEP);
  }

  public static LearningRate of(RunSpec run, long stepsPerEpoch, long steps, End end) {
    long warmup = Math.round(run.schedule().warmupEpochs() * stepsPerEpoch);
    return new LearningRate(
        run.optimizer().learningRate(),
        warmup,
        steps,
        run.schedule().decay(),
        run.schedule().finalFactor(),
        end);
  }

  /**
   * The rate of a step.
   *
   * @param step counted from 0
   */
  public double at(long step) {
    if (step < warmupSteps) {
      return highest * (step + 1) / warmupSteps;
    }
    long fall = steps - warmupSteps - (end == End.LAST_STEP ? 1 : 0);
    double progress = Math.min(1.0, (step - warmupSteps) / (double) Math.max(1, fall));
    return switch (decay) {
      case COSINE -> falling(0.5 * (1 + Math.cos(Math.PI * progress)));
      case LINEAR -> falling(1 - progress);
      case CONSTANT -> highest;
    };
  }

  /** The rate where this share of the way down is left. */
  private double falling(double left) {
    return highest * (finalFactor + (1 - finalFactor) * left);
  }
}
