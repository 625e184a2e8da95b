package dev.mlit.train;

import dev.mlit.cluster.Workers;
import dev.mlit.data.Split;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.train.Predictions.Part;
import dev.mlit.train.step.TrainingGraph;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Measures a run after its epochs and tests it at its end; the listeners get what was found. */
final class Measurement {
  /** Images that an autoencoder paints after every epoch. */
  private static final int PAINTED = 8;

  private final TrainingGraph graph;
  private final Workers workers;
  private final RunImages images;
  private final ImageShape shape;
  private final Position position;
  private final CheckpointWriter checkpoints;
  private final TrainingListener listeners;
  private final Runnable stopIfAsked;

  /**
   * Measures a run wherever it is then.
   *
   * @param checkpoints save each epoch that is measured
   * @param stopIfAsked is called between batches and may throw
   */
  Measurement(
      Setup setup,
      Position position,
      CheckpointWriter checkpoints,
      TrainingListener listeners,
      Runnable stopIfAsked) {
    this.graph = setup.graph();
    this.workers = setup.workers();
    this.images = setup.images();
    this.shape = setup.run().model().image();
    this.position = position;
    this.checkpoints = checkpoints;
    this.listeners = listeners;
    this.stopIfAsked = stopIfAsked;
  }

  /** Measures the model after an epoch, and saves it. */
  void epoch() {
    EpochSums sums = position.sums();
    double trained = sums.seconds();
    Optional<Evaluation> validated =
        images.validates() ? Optional.of(evaluate(Part.VALIDATION)) : Optional.empty();
    Optional<Evaluation> tested =
        images.testsEveryEpoch() ? Optional.of(evaluate(Part.TEST)) : Optional.empty();
    TrainingListener.Epoch metrics =
        new TrainingListener.Epoch(
            position.epoch(),
            position.step(),
            sums.meanLoss(),
            graph.classifies() ? sums.accuracy() : Double.NaN,
            tested.map(Evaluation::loss).orElse(Double.NaN),
            tested.map(Evaluation::accuracy).orElse(Double.NaN),
            sums.images() / trained,
            position.seconds(),
            sums.meanRouting(),
            tested.map(Evaluation::routing).orElse(List.of()),
            validated.map(Evaluation::loss).orElse(Double.NaN),
            validated.map(Evaluation::accuracy).orElse(Double.NaN),
            validated.map(Evaluation::routing).orElse(List.of()),
            neighbours());
    position.addMeasured(metrics);
    checkpoints.saveEpoch();
    if (graph.classifies()) {
      validated.ifPresent(evaluation -> listeners.tested(evaluation.predictions()));
      tested.ifPresent(evaluation -> listeners.tested(evaluation.predictions()));
    } else if (checkpoints.writes()) {
      listeners.painted(paint(images.looked().of(images.data())));
    }
    listeners.epoch(metrics);
  }

  private double neighbours() {
    return images
        .neighbours()
        .filter(measure -> position.isAtEnd() || measure.isDue(position.epoch()))
        .map(measure -> measure.measure(graph, workers, betweenBatches()))
        .orElse(Double.NaN);
  }

  /** Has an autoencoder paint some images, spread over all. */
  private TrainingListener.Painted paint(Split split) {
    int[] numbers = new int[Math.min(PAINTED, split.size())];
    byte[] pixels = new byte[numbers.length * shape.values()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (int) ((long) split.size() * i / numbers.length);
      split.pixels(numbers[i], pixels, i * shape.values());
    }
    TrainingGraph.Painted painted = graph.paint(pixels, numbers);
    return new TrainingListener.Painted(position.epoch(), pixels, painted.pixels(), painted.mask());
  }

  /**
   * Reads the test images, for the first time; the last epoch is measured and saved.
   *
   * @param directory of the run
   */
  void test(Path directory) {
    Evaluation tested;
    try {
      images.loadTest(listeners, stopIfAsked);
      tested = evaluate(Part.TEST);
    } catch (InvalidInputException e) {
      throw new InvalidInputException(
          advice ->
              e.message(advice)
                  + "; all of the training is saved: mend the test images, then test it with: "
                  + advice.resume(directory),
          e);
    }
    checkpoints.requireDirectory();
    TrainingListener.FinalTest metrics =
        new TrainingListener.FinalTest(
            position.epoch(),
            position.step(),
            tested.loss(),
            tested.accuracy(),
            position.seconds(),
            tested.routing());
    position.addTest(metrics);
    if (graph.classifies()) {
      listeners.tested(tested.predictions());
    }
    listeners.finalTest(metrics);
  }

  private Evaluation evaluate(Part part) {
    return Evaluation.of(
        graph,
        workers,
        images.data(),
        part,
        position.epoch(),
        position.step(),
        position.lastRate(),
        betweenBatches());
  }

  /**
   * What to call between two batches that are not trained on. Several workers go through all of
   * them, so that none waits for one that has stopped.
   */
  Runnable betweenBatches() {
    return workers.areSeveral() ? () -> {} : stopIfAsked;
  }
}
