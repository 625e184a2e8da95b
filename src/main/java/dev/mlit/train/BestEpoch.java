package dev.mlit.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The epoch with the highest {@link TrainingListener.Epoch#score}; of several, the first. */
final class BestEpoch {
  private BestEpoch() {}

  static Optional<TrainingListener.Epoch> of(List<TrainingListener.Epoch> epochs) {
    return epochs.stream()
        .min(
            Comparator.comparingDouble((TrainingListener.Epoch e) -> -e.score())
                .thenComparingInt(TrainingListener.Epoch::epoch));
  }

  /** Acts when there is a new one. */
  static final class Listener implements TrainingListener {
    private final Consumer<RunDirectory> action;
    private final List<Epoch> epochs = new ArrayList<>();
    private @Nullable Path directory;

    Listener(Consumer<RunDirectory> action) {
      this.action = action;
    }

    @Override
    public void started(Start start) {
      directory = start.directory();
      epochs.addAll(start.history());
    }

    @Override
    public void epoch(Epoch epoch) {
      epochs.add(epoch);
      if (of(epochs).filter(epoch::equals).isPresent()) {
        action.accept(RunDirectory.open(Objects.requireNonNull(directory)));
      }
    }
  }
}
