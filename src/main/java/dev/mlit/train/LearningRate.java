package dev.mlit.train;

import dev.mlit.spec.RunSpec;

/**
 * The learning rate of every step: linear from 0 in the warm-up, then half a cosine (Loshchilov and
 * Hutter 2017) down to a part of the highest rate at the last step.
 *
 * @param highest the rate at the end of the warm-up
 * @param warmupSteps steps of the warm-up; 0 for none
 * @param steps all steps of the run
 * @param finalFactor what is left of the highest rate at the last step
 */
public record LearningRate(double highest, long warmupSteps, long steps, double finalFactor) {

  static LearningRate of(RunSpec run, long stepsPerEpoch, long steps) {
    long warmup = Math.round(run.schedule().warmupEpochs() * stepsPerEpoch);
    return new LearningRate(
        run.optimizer().learningRate(), warmup, steps, run.schedule().finalFactor());
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
    double cosine = 0.5 * (1 + Math.cos(Math.PI * progress));
    return highest * (finalFactor + (1 - finalFactor) * cosine);
  }
}
