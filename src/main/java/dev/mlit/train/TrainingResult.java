package dev.mlit.train;

import dev.mlit.graph.Weights;
import dev.mlit.spec.RunSpec;
import java.nio.file.Path;
import java.util.List;

/**
 * What came out of a run.
 *
 * @param run the run
 * @param directory where it was written
 * @param checkpoint the prefix of the last checkpoint's files
 * @param labels the names of the classes
 * @param dataset the name of the dataset
 * @param testAccuracy share of the test images that are classified rightly, in [0, 1]; NaN for an
 *     autoencoder
 * @param testLoss mean cross-entropy of the test images; of an autoencoder the mean squared error
 *     of their hidden patches
 * @param testImages the number of test images
 * @param steps steps that were trained
 * @param seconds from the first step to the end
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
    double seconds) {
  public TrainingResult {
    labels = List.copyOf(labels);
  }

  /** The weights that were tested: the trained ones, or their average where the run keeps one. */
  public Weights weights() {
    return Weights.read(run.model(), checkpoint, WeightAverage.scope(run));
  }
}
