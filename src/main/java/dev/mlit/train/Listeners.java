package dev.mlit.train;

import dev.mlit.spec.EarlyStopping;
import dev.mlit.spec.RunSpecBuilder;
import java.util.function.Consumer;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * Small listeners for {@link Trainer#listener}. Larger ones have a factory of their own: {@code
 * Progress.on}, {@code TensorBoard.events} and {@code RunReport.html} of dev.mlit.insight, and
 * {@link MetricsFile#at}.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class Listeners {
  private Listeners() {}

  /** Acts after every epoch that is done and measured, and whose checkpoint is written. */
  public static TrainingListener epochs(Consumer<TrainingListener.Epoch> action) {
    return new TrainingListener() {
      @Override
      public void epoch(Epoch epoch) {
        action.accept(epoch);
      }
    };
  }

  /**
   * Ends a run that no longer gets better: the epoch that used up the patience is its last one, and
   * the run ends well. {@link RunSpecBuilder#earlyStopping} does the same.
   *
   * @param rule looks at the validation images, or at the test images if it says so; the run is
   *     refused if there are no such images
   */
  public static TrainingListener earlyStopping(EarlyStopping rule) {
    return new Patience(rule);
  }

  /**
   * Acts after every epoch that is the best so far on the validation images, such as to keep its
   * model ({@link RunDirectory#result(EpochChoice)}). A run that resumes knows the best epoch
   * before; one without validation images is refused.
   *
   * @param action gets the run directory, of which that epoch is the {@linkplain EpochChoice#BEST
   *     best}
   */
  public static TrainingListener bestEpochs(Consumer<RunDirectory> action) {
    return bestEpochs(EpochChoice.BEST, action);
  }

  /**
   * As {@link #bestEpochs(Consumer)}, on the validation images or, asked for by name, on the test
   * images: those of a run without validation images, which are tested after every epoch.
   *
   * @throws IllegalArgumentException if the choice is {@link EpochChoice#LAST}
   */
  public static TrainingListener bestEpochs(EpochChoice choice, Consumer<RunDirectory> action) {
    return new BestEpoch.Listener(choice, action);
  }
}
