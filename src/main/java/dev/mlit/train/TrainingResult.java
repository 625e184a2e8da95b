package dev.mlit.train;

import dev.mlit.spec.RunSpec;
import dev.mlit.train.step.ExponentialMovingAverage;
import dev.mlit.weights.Weights;
import java.nio.file.Path;
import java.util.List;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * What came out of a run.
 *
 * @param run the run
 * @param directory where it was written
 * @param checkpoint the prefix of the last checkpoint's files
 * @param labels the names of the classes
 * @param dataset the name of the dataset
 * @param testAccuracy share of the test images that are classified rightly, in [0, 1]; NaN for an
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

  /** The weights that were tested: the trained ones, or their average where the run keeps one. */
  @API(status = Status.INTERNAL)
  public Weights weights() {
    return Weights.read(run.model(), checkpoint, ExponentialMovingAverage.scope(run));
  }
}
