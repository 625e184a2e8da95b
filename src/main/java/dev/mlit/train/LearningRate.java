package dev.mlit.train;

import dev.mlit.spec.RunSpec;
import dev.mlit.spec.ScheduleSpec.Decay;

/**
 * The learning rate of every step: linear from 0 in the warm-up, then down to a part of the highest
 * rate at the last step, along half a cosine (Loshchilov and Hutter 2017) or a line; or constant.
 *
 * @param highest the rate at the end of the warm-up
 * @param warmupSteps steps of the warm-up; 0 for none
 * @param steps all steps of the run
 * @param decay how the rate falls after the warm-up
 * @param finalFactor what is left of the highest rate at the last step, unless it is constant
 */
public record LearningRate(
    double highest, long warmupSteps, long steps, Decay decay, double finalFactor) {

  static LearningRate of(RunSpec run, long stepsPerEpoch, long steps) {
    long warmup = Math.round(run.schedule().warmupEpochs() * stepsPerEpoch);
    return new LearningRate(
        run.optimizer().learningRate(),
        warmup,
        steps,
        run.schedule().decay(),
        run.schedule().finalFactor());
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
    long last = Math.max(1, steps - 1 - warmupSteps);
    double progress = Math.min(1.0, (step - warmupSteps) / (double) last);
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
