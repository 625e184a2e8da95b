package dev.mlit.savedmodel;

import dev.mlit.data.LabelFile;
import dev.mlit.files.Disk;
import dev.mlit.files.WholeDirectory;
import dev.mlit.graph.InferenceGraph;
import dev.mlit.graph.ModelSums;
import dev.mlit.graph.Weights;
import dev.mlit.spec.CommandText;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tensorflow.proto.MetaGraphDef;

/**
 * A SavedModel's directory, read and checked: its files are there and whole, and its description,
 * labels, signatures and variables are of one model.
 *
 * <p>Nothing of its graph is run. What the model computes is made anew from its description, and
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
  static LoadedModel of(Path directory) {
    Disk.requireOwnFiles(directory);
    WholeDirectory.recover(directory);
    ModelSums.require(directory);
    requireClasses(directory);
    requireFiles(directory, List.of(SavedModelFile.NAME, "spec.yaml", LabelFile.NAME));
    ModelSpec spec = Specs.model(directory.resolve("spec.yaml").toString());
    List<String> labels = LabelFile.read(directory.resolve(LabelFile.NAME), spec.classes());
    List<String> problems = new ArrayList<>(LabelFile.problems(labels, spec.classes()));
    MetaGraphDef file = SavedModelFile.read(directory);
    problems.addAll(Outputs.problems(file, spec));
    InferenceGraph graph =
        InferenceGraph.of(spec, expected -> weights(directory, file, spec, expected, problems), 0);
    return new LoadedModel(spec, labels, graph);
  }

  /**
   * Reads the weights of a SavedModel after all else that is to be checked.
   *
   * @param file its {@code saved_model.pb}
   * @param expected the shapes of the model's variables
   * @param problems what is wrong with it so far
   * @throws InvalidInputException with everything that is wrong
   */
  static Weights weights(
      Path directory,
      MetaGraphDef file,
      ModelSpec spec,
      Map<String, List<Long>> expected,
      List<String> problems) {
    CheckpointVariables variables = WeightSource.variables(directory, file);
    List<String> all = new ArrayList<>(problems);
    all.addAll(variables.problems(expected, Map.of()));
    List<String> foreign = variables.foreign(expected, Map.of());
    if (!foreign.isEmpty()) {
      all.add(
          "a signature uses variables that the model of spec.yaml has not: "
              + String.join(", ", foreign)
              + "; ./mlit import takes over those that it has");
    }
    if (all.isEmpty()) {
      all.addAll(GraphSpec.problems(directory, file, spec));
    }
    if (!all.isEmpty()) {
      throw InvalidInputException.of(directory, all.stream().distinct().toList());
    }
    return variables.read(expected, Map.of()).weights();
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

  /**
   * Checks that a directory has what a SavedModel of mlit consists of.
   *
   * @throws InvalidInputException if a file is missing
   */
  static void requireFiles(Path directory, List<String> files) {
    Disk.requireOwnFiles(directory);
    for (String file : files) {
      if (!Files.isRegularFile(directory.resolve(file))) {
        throw new InvalidInputException(
            directory
                + ": not a SavedModel of mlit, "
                + (Files.exists(directory) ? "it has no " + file : "there is no such directory")
                + (Files.exists(directory.resolve("run.yaml"))
                    ? "; it is the directory of a run, whose model "
                        + (Files.isDirectory(directory.resolve("savedmodel"))
                            ? "is in " + directory.resolve("savedmodel") + " or "
                            : "")
                        + "comes by: ./mlit export "
                        + CommandText.word(directory)
                        + " --to MODEL_DIR"
                    : "")
                + (Files.exists(directory.resolve(SavedModelFile.NAME))
                    ? "; ./mlit import makes one of what Python saved"
                    : ""));
      }
    }
  }
}
