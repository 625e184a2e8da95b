package dev.mlit.train.probe;

import dev.mlit.cluster.Workers;
import dev.mlit.data.Dataset;
import dev.mlit.data.Datasets;
import dev.mlit.data.Split;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.NeighboursSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.step.Features;
import dev.mlit.train.step.NearestNeighbours;
import dev.mlit.train.step.TrainingGraph;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How well validation images are classified by their nearest neighbours among labelled training
 * images, as the encoder is now: a measure of features that needs no training. Test images are not
 * read.
 *
 * @since 0.1.0
 */
public final class NeighbourAccuracy {
  /** Share of the training images that is classified, of a dataset that nothing is trained on. */
  private static final double CUT_OFF = 0.1;

  private final String dataset;
  private final List<String> labels;
  private final ImageShape shape;
  private final Split bank;
  private final Split validation;
  private final int k;
  private final int every;

  private NeighbourAccuracy(NeighboursSpec spec, Dataset data, Split validation, long seed) {
    this.dataset = data.name();
    this.labels = data.labels();
    this.shape = data.shape();
    this.k = spec.k();
    this.every = spec.every();
    this.bank = sample(data.train(), spec.images(), seed);
    this.validation = sample(validation, spec.images(), seed);
  }

  /**
   * The measure that a run asks for.
   *
   * @param data what the run trains on, its validation images cut off
   * @throws InvalidInputException if there are no validation images, or the dataset that is named
   *     cannot be read
   */
  public static Optional<NeighbourAccuracy> of(RunSpec run, Dataset data) {
    NeighboursSpec spec = run.neighbours();
    if (spec == null) {
      return Optional.empty();
    }
    Dataset labelled = spec.dataset() == null ? data.parts().get(0) : other(run, spec);
    Split validation =
        labelled
            .validation()
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "neighbours: classify validation images, of which dataset "
                            + labelled.name()
                            + " has none; set data.validation-fraction, such as 0.1, or name"
                            + " another one with neighbours.dataset"));
    return Optional.of(new NeighbourAccuracy(spec, labelled, validation, run.training().seed()));
  }

  private static Dataset other(RunSpec run, NeighboursSpec spec) {
    RunSpec.NamedDataset named =
        new RunSpec.NamedDataset(String.valueOf(spec.dataset()), spec.directory(), null);
    double testFraction = run.data().testFraction();
    Dataset data =
        Datasets.open(RunSpec.Data.of(named).testFraction(testFraction))
            .resizedTo(run.model().image());
    return data.validation().isPresent()
        ? data
        : data.withValidation(CUT_OFF, run.training().seed());
  }

  /** About as many images, the same share of every class; at least one of each. */
  private Split sample(Split split, int images, long seed) {
    return split.size() <= images
        ? split
        : Dataset.of(dataset, labels, shape, split, split)
            .withLabels(images / (double) split.size(), seed)
            .train();
  }

  /** Whether it is measured after an epoch. */
  public boolean isDue(int epoch) {
    return epoch % every == 0;
  }

  /**
   * The share of the validation images that are classified correctly. Several workers share the
   * images, and all of them get the same.
   *
   * @param betweenBatches is called before each batch of images and may throw
   */
  public double measure(TrainingGraph graph, Workers workers, Runnable betweenBatches) {
    Features labelled = FeatureExtractor.of(graph, workers, bank, shape, betweenBatches);
    Features queries = FeatureExtractor.of(graph, workers, validation, shape, betweenBatches);
    return new NearestNeighbours(labelled, labels.size(), k).accuracy(queries);
  }

  /** What is measured, in a line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "neighbours: %,d validation images of %s are classified by the %d nearest of %,d training"
            + " images",
        validation.size(),
        dataset,
        Math.min(k, bank.size()),
        bank.size());
  }
}
