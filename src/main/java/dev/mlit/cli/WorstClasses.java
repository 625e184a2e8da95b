package dev.mlit.cli;

import dev.mlit.data.Confusion;
import dev.mlit.train.Predictions;
import dev.mlit.train.Predictions.Part;
import dev.mlit.train.TrainingListener;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Listens for what test images are taken for, to say which classes a run tells apart worst. */
final class WorstClasses implements TrainingListener {
  private static final int SHOWN = 3;

  private @Nullable Predictions last;

  @Override
  public void tested(Predictions predictions) {
    if (predictions.part() == Part.TEST) {
      last = predictions;
    }
  }

  /** Such as {@code cat F1 0.5584, dog F1 0.6518}; empty if no class has a mistake. */
  Optional<String> text() {
    Predictions tested = last;
    if (tested == null) {
      return Optional.empty();
    }
    Confusion confusion = new Confusion(tested.confusion());
    List<String> labels = tested.data().labels();
    String worst =
        confusion.worstFirst().stream()
            .filter(label -> confusion.f1(label) < 1)
            .limit(SHOWN)
            .map(
                label ->
                    String.format(
                        Locale.ROOT, "%s F1 %.4f", labels.get(label), confusion.f1(label)))
            .collect(Collectors.joining(", "));
    return worst.isEmpty() ? Optional.empty() : Optional.of(worst);
  }
}
