package dev.mlit.photos;

import dev.mlit.spec.RunSpec;
import java.util.Locale;

/**
 * How long a run trains, so that it ends in time with its test, report and model.
 *
 * @param epochs passes over the training images, the last one begun
 * @param steps of all of them
 * @param testEvery epochs from one measurement to the next
 * @param warmupEpochs of the schedule
 * @param seconds that the run will take, its start and its end included
 */
record Length(int epochs, int steps, int testEvery, double warmupEpochs, double seconds) {
  /** Of the time, what is left over for a machine that gets slower. */
  private static final double RESERVE = 0.08;

  /** Of the time, what measurements on validation images may take. */
  private static final double MEASURING = 0.08;

  private static final int MOST_MEASUREMENTS = 20;

  /** Seconds that a measurement takes besides its images: a checkpoint is written. */
  private static final double CHECKPOINT = 0.6;

  /** Seconds for the report and the files of the model. */
  private static final double ENDING = 3;

  /** With fewer steps, hardly anything is learned. */
  private static final int FEW = 50;

  private static final double WARM_UP = 0.05;

  /**
   * What there is to do.
   *
   * @param stepsPerEpoch steps of an epoch
   * @param validation images that are measured after epochs
   * @param test images that are measured at the end
   * @param mostEpochs after which nothing more is learned
   */
  record Work(int stepsPerEpoch, int validation, int test, int mostEpochs) {}

  /**
   * The length for which there is time; at least one step.
   *
   * @param left seconds until all must be done
   */
  static Length of(Work work, Speed speed, double left) {
    double outside = outside(work, speed);
    double time = left * (1 - RESERVE) - outside;
    double measurement = measurement(work, speed);
    int affordable = (int) Math.floor(Math.max(0, time) * MEASURING / measurement);
    // Without images to watch, the test images would be read: once is enough.
    int most = work.validation == 0 ? 1 : MOST_MEASUREMENTS;
    int measurements = Math.max(1, Math.min(most, affordable));
    double training = time - measurements * measurement;
    long mostSteps = (long) work.mostEpochs * work.stepsPerEpoch;
    int steps = (int) Math.max(1, Math.min(mostSteps, (long) (training / speed.step())));
    if (steps >= 10L * work.stepsPerEpoch) {
      // Whole epochs, in each of which every image is seen once.
      steps -= steps % work.stepsPerEpoch;
    }
    return ofSteps(steps, work, measurements, speed);
  }

  /** A length that the user has set. */
  static Length set(RunSpec run, Work work, Speed speed) {
    long steps = (long) run.training().epochs() * work.stepsPerEpoch;
    Integer limit = run.training().steps();
    long least = limit == null ? steps : Math.min(steps, limit);
    return ofSteps((int) Math.min(Integer.MAX_VALUE, least), work, MOST_MEASUREMENTS, speed);
  }

  private static Length ofSteps(int steps, Work work, int measurements, Speed speed) {
    int epochs = (int) (((long) steps + work.stepsPerEpoch - 1) / work.stepsPerEpoch);
    int testEvery = Math.max(1, (epochs + measurements - 1) / measurements);
    double warmup = Math.round(1000.0 * WARM_UP * steps / work.stepsPerEpoch) / 1000.0;
    int measured = (epochs + testEvery - 1) / testEvery;
    double seconds =
        outside(work, speed) + steps * speed.step() + measured * measurement(work, speed);
    return new Length(epochs, steps, testEvery, Math.min(warmup, epochs), seconds);
  }

  /** Seconds before the first step and after the last one. */
  private static double outside(Work work, Speed speed) {
    return 2 * speed.compile() + work.test * speed.image() + ENDING;
  }

  private static double measurement(Work work, Speed speed) {
    return work.validation * speed.image() + CHECKPOINT;
  }

  /** The run with this length. */
  RunSpec of(RunSpec run) {
    return run.toBuilder()
        .training(t -> t.epochs(epochs).steps(steps).testEvery(testEvery))
        .schedule(s -> s.warmupEpochs(warmupEpochs))
        .build();
  }

  /** Says how long it is. */
  String text(Work work, Speed speed, double minutes, boolean planned) {
    return String.format(
        Locale.ROOT,
        "%,d steps (epochs: %.1f) of %.0f ms as measured now, %.1f minutes%s%s",
        steps,
        steps / (double) work.stepsPerEpoch,
        speed.step() * 1000,
        seconds / 60,
        planned ? String.format(Locale.ROOT, " of %s", minutes) : ", as set",
        planned && steps < FEW ? "; more minutes would teach it more" : "");
  }
}
