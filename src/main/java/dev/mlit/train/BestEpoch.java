package dev.mlit.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.Nullable;

/**
 * The epoch with the highest accuracy, or without one the lowest loss; of several, the first.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class BestEpoch {
  private BestEpoch() {}

  /**
   * The best of some epochs.
   *
   * @param choice on which images
   * @return empty if none was measured on these images
   */
  public static Optional<TrainingListener.Epoch> of(
      List<TrainingListener.Epoch> epochs, EpochChoice choice) {
    return epochs.stream()
        .filter(e -> !Double.isNaN(score(e, choice)))
        .min(
            Comparator.comparingDouble((TrainingListener.Epoch e) -> -score(e, choice))
                .thenComparingInt(TrainingListener.Epoch::epoch));
  }

  private static double score(TrainingListener.Epoch epoch, EpochChoice choice) {
    return choice == EpochChoice.BEST
        ? score(epoch.validationAccuracy(), epoch.validationLoss())
        : score(epoch.testAccuracy(), epoch.testLoss());
  }

  private static double score(double accuracy, double loss) {
    return Double.isNaN(accuracy) ? -loss : accuracy;
  }

  /** Acts when there is a new one. */
  static final class Listener implements TrainingListener {
    private final EpochChoice choice;
    private final Consumer<RunDirectory> action;
    private final List<Epoch> epochs = new ArrayList<>();
    private @Nullable Path directory;

    Listener(EpochChoice choice, Consumer<RunDirectory> action) {
      if (choice == EpochChoice.LAST) {
        throw new IllegalArgumentException("LAST is no best epoch, must be BEST or BEST_ON_TEST");
      }
      this.choice = choice;
      this.action = action;
    }

    EpochChoice choice() {
      return choice;
    }

    @Override
    public void started(Start start) {
      // The trainer has looked at this before, but for listeners within others.
      if (choice == EpochChoice.BEST) {
        Choices.requireImages(choice, start.validationImages() > 0, true, start.dataset());
      }
      directory = start.directory();
      epochs.addAll(start.history());
    }

    @Override
    public void epoch(Epoch epoch) {
      epochs.add(epoch);
      if (of(epochs, choice).filter(epoch::equals).isPresent()) {
        action.accept(RunDirectory.open(Objects.requireNonNull(directory)));
      }
    }
  }
}
