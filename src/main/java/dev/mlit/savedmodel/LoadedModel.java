package dev.mlit.savedmodel;

import dev.mlit.model.InferenceGraph;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.BatchParts;
import java.nio.file.Path;
import java.util.List;

/**
 * A SavedModel with classes, read, checked and ready to compute. What it computes is made again
 * from its description; see {@link StoredModel}.
 *
 * @param labels the names of the classes
 * @param graph computes the outputs
 */
record LoadedModel(ModelSpec spec, List<String> labels, InferenceGraph graph) {

  /**
   * Reads a directory.
   *
   * @throws InvalidInputException with everything that is wrong
   */
  static LoadedModel of(Path directory, BatchParts batchParts) {
    StoredModel stored = StoredModel.ofClassifier(directory);
    InferenceGraph graph = InferenceGraph.of(stored.spec(), stored.weights(), 0, batchParts);
    return new LoadedModel(stored.spec(), stored.labels(), graph);
  }
}
