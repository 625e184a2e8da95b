package dev.mlit.savedmodel;

import dev.mlit.data.LabelFile;
import dev.mlit.files.Disk;
import dev.mlit.files.WholeDirectory;
import dev.mlit.model.InferenceGraph;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import dev.mlit.tensorflow.BatchParts;
import dev.mlit.weights.ModelSums;
import dev.mlit.weights.SavedModelDirectory;
import dev.mlit.weights.SavedModelFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.proto.MetaGraphDef;

/**
 * A SavedModel's directory, read and checked: its files are there and whole, and its description,
 * labels, signatures and variables are of one model.
 *
 * <p>Nothing of its graph is run. What the model computes is made again from its description, and
 * the values of its variables are read as data.
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
    Disk.requireOwnFiles(directory);
    WholeDirectory.recover(directory);
    ModelSums.require(directory);
    requireClasses(directory);
    SavedModelDirectory.requireFiles(
        directory, List.of(SavedModelFile.NAME, "spec.yaml", LabelFile.NAME));
    ModelSpec spec = Specs.model(directory.resolve("spec.yaml").toString());
    List<String> labels = LabelFile.read(directory.resolve(LabelFile.NAME), spec.classes());
    List<String> problems = new ArrayList<>(LabelFile.problems(labels, spec.classes()));
    MetaGraphDef file = SavedModelFile.read(directory);
    problems.addAll(Outputs.problems(file, spec));
    InferenceGraph graph =
        InferenceGraph.of(
            spec, SavedModelDirectory.weights(directory, file, spec, problems), 0, batchParts);
    return new LoadedModel(spec, labels, graph);
  }

  private static void requireClasses(Path directory) {
    Path spec = directory.resolve("spec.yaml");
    if (Files.isRegularFile(spec) && Specs.model(spec.toString()).isAutoencoder()) {
      throw new InvalidInputException(
          directory
              + ": an autoencoder, which knows no classes; train a classifier from it with"
              + " initialize: {from: "
              + directory
              + "}");
    }
  }
}
