package dev.mlit.train;

import dev.mlit.cluster.Workers;
import dev.mlit.data.Dataset;
import dev.mlit.data.LabelCheck;
import dev.mlit.data.Split;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.probe.NeighbourAccuracy;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The images of a run, and which of them are looked at while it trains.
 *
 * @param data of the size of the model, its parts as the run says
 * @param testsEveryEpoch whether the test images are read after every epoch; if not, none of them
 *     is read before training is done
 * @param tests whether they are read at all
 * @param neighbours measures features beside the tests; empty if the run does not ask for it
 */
record RunImages(
    Dataset data, boolean testsEveryEpoch, boolean tests, Optional<NeighbourAccuracy> neighbours) {
  /**
   * The images of a run that makes these choices.
   *
   * @param tests false not to read the test images
   * @throws InvalidInputException if it needs images that it does not have, or shall not read
   */
  static RunImages of(Dataset data, Choices choices, boolean tests) {
    choices.require(data);
    boolean everyEpoch = choices.testsEveryEpoch(data);
    if (everyEpoch && !tests) {
      throw new InvalidInputException(
          data.validation().isEmpty()
              ? "without a test, dataset "
                  + data.name()
                  + " must have images to validate on; set data.validation-fraction, such as 0.1"
              : "early-stopping.metric: must not be of test images in a run without a test");
    }
    return new RunImages(data, everyEpoch, tests, Optional.empty());
  }

  /**
   * With the measure of features that a run asks for.
   *
   * @throws InvalidInputException if there are no images for it
   */
  RunImages withNeighbours(RunSpec run) {
    return new RunImages(data, testsEveryEpoch, tests, NeighbourAccuracy.of(run, data));
  }

  /** A dataset without the validation part that it may have. */
  static Dataset withoutValidation(Dataset data) {
    return data.validation().isEmpty()
        ? data
        : Dataset.of(data.name(), data.labels(), data.shape(), data.train(), data.test());
  }

  /** Whether the test images are read once, when training is done. */
  boolean testsAtTheEnd() {
    return tests && !testsEveryEpoch;
  }

  boolean validates() {
    return data.validation().isPresent();
  }

  /** The part that is looked at after every epoch. */
  Predictions.Part looked() {
    return validates() ? Predictions.Part.VALIDATION : Predictions.Part.TEST;
  }

  int validationImages() {
    return data.validation().map(Split::size).orElse(0);
  }

  /**
   * What all workers look at: that of the first one, which knows the listeners, and whether a run
   * that it goes on with has validation images.
   */
  RunImages asFirst(Workers workers) {
    int[] first =
        workers.first(new int[] {validates() ? 1 : 0, testsEveryEpoch ? 1 : 0, tests ? 1 : 0});
    return new RunImages(
        first[0] == 1 ? data : withoutValidation(data), first[1] == 1, first[2] == 1, neighbours);
  }

  /** Loads what is read before training is done. */
  void load(TrainingListener listeners, BooleanSupplier stopping) {
    Runnable stop =
        () -> {
          if (stopping.getAsBoolean()) {
            throw RunStoppedException.whileReading();
          }
        };
    load("train", data.train(), listeners, stop);
    data.validation().ifPresent(part -> load("validation", part, listeners, stop));
    if (testsEveryEpoch) {
      loadTest(listeners, stop);
    }
  }

  /**
   * Loads the test images.
   *
   * @param stop is called now and then and may throw
   * @throws InvalidInputException if one is damaged, or its label is that of no class
   */
  void loadTest(TrainingListener listeners, Runnable stop) {
    LabelCheck.require(data, "test", data.test());
    load("test", data.test(), listeners, stop);
  }

  private void load(String part, Split split, TrainingListener listeners, Runnable stop) {
    split.load(
        done -> {
          stop.run();
          listeners.loading(new TrainingListener.Loading(data.name(), part, done, split.size()));
        });
  }
}
