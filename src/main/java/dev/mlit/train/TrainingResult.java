package dev.mlit.train;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.step.ExponentialMovingAverage;
import dev.mlit.weights.Weights;
import java.nio.file.Path;
import java.util.List;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.Nullable;

/**
 * What came out of a run.
 *
 * @param run the run
 * @param directory where it was written
 * @param checkpoint the prefix of the last checkpoint's files
 * @param labels the names of the classes
 * @param dataset the name of the dataset
 * @param testAccuracy share of the test images that are classified correctly, in [0, 1]; NaN for an
 *     autoencoder, or if they were not read after this epoch
 * @param testLoss mean cross-entropy of the test images; of an autoencoder the mean squared error
 *     of their hidden patches; NaN if they were not read after this epoch
 * @param testImages the number of test images
 * @param steps steps that were trained
 * @param seconds from the first step to the end
 * @param validationAccuracy as {@code testAccuracy}, of the validation images; NaN if there are
 *     none
 * @param validationLoss as {@code testLoss}, of the validation images; NaN if there are none
 * @param validationImages the number of validation images; 0 if there are none
 * @since 0.1.0
 */
public record TrainingResult(
    RunSpec run,
    Path directory,
    Path checkpoint,
    List<String> labels,
    String dataset,
    double testAccuracy,
    double testLoss,
    int testImages,
    long steps,
    double seconds,
    double validationAccuracy,
    double validationLoss,
    int validationImages) {
  public TrainingResult {
    labels = List.copyOf(labels);
  }

  /** Without validation images. */
  public TrainingResult(
      RunSpec run,
      Path directory,
      Path checkpoint,
      List<String> labels,
      String dataset,
      double testAccuracy,
      double testLoss,
      int testImages,
      long steps,
      double seconds) {
    this(
        run,
        directory,
        checkpoint,
        labels,
        dataset,
        testAccuracy,
        testLoss,
        testImages,
        steps,
        seconds,
        Double.NaN,
        Double.NaN,
        0);
  }

  /**
   * What has come out of a run so far, from the files of its directory.
   *
   * @throws InvalidInputException if there is no whole checkpoint of that choice
   */
  static TrainingResult of(RunDirectory run, EpochChoice choice) {
    Path metrics = run.metrics();
    List<TrainingListener.Epoch> epochs = run.epochs();
    Checkpoint checkpoint =
        choice == EpochChoice.LAST ? run.checkpoints().newestOfEpoch() : best(run, choice, epochs);
    if (checkpoint == null) {
      throw new InvalidInputException(
          advice ->
              run.path()
                  + ": has no whole checkpoint of "
                  + (choice == EpochChoice.LAST ? "an epoch that is done" : "its best epoch")
                  + (epochs.isEmpty() ? " yet; go on with: " + advice.resume(run.path()) : ""));
    }
    TrainingListener.Epoch epoch =
        epochs.stream()
            .filter(e -> e.epoch() == checkpoint.state().epoch())
            .findFirst()
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        advice ->
                            metrics
                                + ": has no line for epoch "
                                + checkpoint.state().epoch()
                                + "; finish the run with: "
                                + advice.resume(run.path())));
    JsonNode start =
        MetricsFile.lines(metrics, kind -> kind.equals("start")).stream()
            .findFirst()
            .orElseThrow(() -> new InvalidInputException(metrics + ": has no line of kind start"));
    return new TrainingResult(
        run.run(),
        run.path(),
        checkpoint.prefix(),
        run.labels(),
        start.path("dataset").asText(),
        epoch.testAccuracy(),
        epoch.testLoss(),
        start.path("test_images").asInt(),
        epoch.step(),
        epoch.seconds(),
        epoch.validationAccuracy(),
        epoch.validationLoss(),
        start.path("validation_images").asInt());
  }

  private static @Nullable Checkpoint best(
      RunDirectory run, EpochChoice choice, List<TrainingListener.Epoch> epochs) {
    boolean validated = epochs.stream().anyMatch(e -> !Double.isNaN(e.validationLoss()));
    boolean tested = epochs.stream().allMatch(e -> !Double.isNaN(e.testLoss()));
    if (!epochs.isEmpty() && choice == EpochChoice.BEST && !validated) {
      throw new InvalidInputException(
          advice ->
              run.path()
                  + ": has no best epoch, as it has no validation images to choose it on; train"
                  + " with data.validation-fraction, or choose on the test images by name ("
                  + advice.epochChoice(EpochChoice.BEST_ON_TEST)
                  + ")");
    }
    if (!epochs.isEmpty() && choice == EpochChoice.BEST_ON_TEST && !tested) {
      throw new InvalidInputException(
          advice ->
              run.path()
                  + ": its test images were not read after every epoch, as it has validation"
                  + " images; choose on these ("
                  + advice.epochChoice(EpochChoice.BEST)
                  + ")");
    }
    return BestEpoch.of(epochs, choice)
        .map(e -> run.checkpoints().named(Checkpoints.ofEpoch(e.epoch())))
        .orElse(null);
  }

  /** The weights that were tested: the trained ones, or their average where the run keeps one. */
  @API(status = Status.INTERNAL)
  public Weights weights() {
    return Weights.read(run.model(), checkpoint, ExponentialMovingAverage.scope(run));
  }
}
