package dev.mlit.train;

import dev.mlit.cluster.Workers;
import dev.mlit.data.Batches;
import dev.mlit.spec.RunSpec;
import dev.mlit.train.step.TrainingGraph;

/**
 * What a run is trained with.
 *
 * @param graph with the variables
 * @param workers those that train it
 * @param images that it trains on and is measured with
 */
record Setup(RunSpec run, TrainingGraph graph, Workers workers, RunImages images) {
  /** The batches of an epoch that this worker trains on. */
  Batches batches(int epoch) {
    return Batches.ofEpoch(run.training(), images.data().train(), images.data().shape(), epoch)
        .of(workers.share());
  }
}
