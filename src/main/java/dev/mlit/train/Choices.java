package dev.mlit.train;

import dev.mlit.data.Dataset;
import dev.mlit.spec.EarlyStopping;
import dev.mlit.spec.EarlyStopping.Metric;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a run chooses while it trains, and on which images: never on test images, unless that is
 * asked for by name.
 *
 * @param rules of early stopping
 * @param epochs that a listener acts on
 */
record Choices(List<EarlyStopping> rules, List<EpochChoice> epochs) {
  /** What a message ends with. */
  private static final String OTHERWISE =
      "; set data.validation-fraction, such as 0.1, or choose on the test images by name: ";

  Choices {
    rules = List.copyOf(rules);
    epochs = List.copyOf(epochs);
  }

  /** What a run and its listeners choose. */
  static Choices of(RunSpec run, List<TrainingListener> listeners) {
    List<EarlyStopping> rules = new ArrayList<>();
    List<EpochChoice> epochs = new ArrayList<>();
    if (run.earlyStopping() != null) {
      rules.add(run.earlyStopping());
    }
    for (TrainingListener listener : listeners) {
      if (listener instanceof Patience patience) {
        rules.add(patience.rule().resolved(run.task()));
      } else if (listener instanceof BestEpoch.Listener best) {
        epochs.add(best.choice());
      }
    }
    return new Choices(rules, epochs);
  }

  /**
   * Checks that there are the images that are looked at.
   *
   * @throws InvalidInputException if there are not
   */
  void require(Dataset data) {
    boolean validates = data.validation().isPresent();
    for (EarlyStopping rule : rules) {
      requireImages(rule, validates, data.name());
    }
    for (EpochChoice choice : epochs) {
      requireImages(choice, validates, testsEveryEpoch(data), data.name());
    }
  }

  static void requireImages(EarlyStopping rule, boolean validates, String dataset) {
    Metric metric = Objects.requireNonNull(rule.metric());
    if (!validates && !metric.isOfTest()) {
      throw new InvalidInputException(
          "early-stopping.metric: "
              + metric.text()
              + " needs images to validate on, and dataset "
              + dataset
              + " has none"
              + OTHERWISE
              + "metric: "
              + (metric.isLoss() ? Metric.TEST_LOSS : Metric.TEST_ACCURACY).text());
    }
  }

  static void requireImages(
      EpochChoice choice, boolean validates, boolean testsEveryEpoch, String dataset) {
    if (choice == EpochChoice.BEST && !validates) {
      throw new InvalidInputException(
          "the best epoch is chosen on validation images, and dataset "
              + dataset
              + " has none"
              + OTHERWISE
              + "EpochChoice.BEST_ON_TEST");
    }
    if (choice == EpochChoice.BEST_ON_TEST && !testsEveryEpoch) {
      throw new InvalidInputException(
          "EpochChoice.BEST_ON_TEST: the test images are read at the end only, as dataset "
              + dataset
              + " has images to validate on; use EpochChoice.BEST");
    }
  }

  /**
   * Whether the test images are read after every epoch: where there are no others, or where early
   * stopping asks for them by name.
   */
  boolean testsEveryEpoch(Dataset data) {
    return data.validation().isEmpty()
        || rules.stream().anyMatch(rule -> Objects.requireNonNull(rule.metric()).isOfTest());
  }

  /** What of a run is chosen on test images, for its report; empty if nothing is. */
  Optional<String> onTestImages() {
    List<String> chosen = new ArrayList<>();
    if (rules.stream().anyMatch(rule -> Objects.requireNonNull(rule.metric()).isOfTest())) {
      chosen.add("when it ends (early-stopping)");
    }
    if (epochs.contains(EpochChoice.BEST_ON_TEST)) {
      chosen.add("its best epoch (EpochChoice.BEST_ON_TEST)");
    }
    return chosen.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Chosen on test images, so that their accuracy is better than that of other images: "
                + String.join(", ", chosen));
  }
}
