package dev.mlit.train.probe;

import dev.mlit.cluster.Workers;
import dev.mlit.data.Batch;
import dev.mlit.data.Batches;
import dev.mlit.data.Split;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.train.step.Features;
import dev.mlit.train.step.TrainingGraph;

/** Computes the features of images, as the model is tested: whole images, no augmentation. */
final class FeatureExtractor {
  private static final int BATCH = 250;

  private FeatureExtractor() {}

  /**
   * The features of all images of a split. Several workers share the batches, and all of them get
   * what a single worker would get.
   *
   * @param shape the size of the images
   * @param betweenBatches is called before each batch and may throw
   * @throws InvalidInputException if a feature is not a finite number
   */
  static Features of(
      TrainingGraph graph,
      Workers workers,
      Split split,
      ImageShape shape,
      Runnable betweenBatches) {
    int width = graph.model().embedding();
    int images = split.size();
    float[] values = new float[Math.multiplyExact(images, width)];
    int number = workers.index();
    Batches batches = Batches.inOrder(split, shape, BATCH);
    for (Batch batch : batches.every(workers.index(), workers.count())) {
      betweenBatches.run();
      int at = number * BATCH * width;
      for (float[] part : graph.features(batch.pixels(), batch.size())) {
        System.arraycopy(part, 0, values, at, part.length);
        at += part.length;
      }
      number += workers.count();
    }
    Features features = new Features(shared(workers, values), width, labels(split));
    requireFinite(features);
    return features;
  }

  /**
   * Shares values as bits, which are summed as whole numbers: values of other workers are 0 here.
   */
  private static float[] shared(Workers workers, float[] values) {
    if (!workers.areSeveral()) {
      return values;
    }
    int[] bits = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return Workers.floats(workers.sum(bits));
  }

  private static int[] labels(Split split) {
    int[] labels = new int[split.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = split.label(i);
    }
    return labels;
  }

  private static void requireFinite(Features features) {
    float[] values = features.values();
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new InvalidInputException(
            "feature "
                + i % features.width()
                + " of image "
                + i / features.width()
                + " is "
                + values[i]
                + ": the encoder's weights are of no use");
      }
    }
  }
}
