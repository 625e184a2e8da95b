package dev.mlit.savedmodel;

import dev.mlit.files.WholeDirectory;
import dev.mlit.graph.InferenceGraph;
import dev.mlit.graph.Sessions;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.proto.MetaGraphDef;

/**
 * A SavedModel's directory, read and checked: its files are there and whole, and its description,
 * labels, signatures and variables are of one model.
 *
 * @param labels the names of the classes
 * @param graph computes the outputs
 */
record LoadedModel(ModelSpec spec, List<String> labels, InferenceGraph graph, Outputs outputs) {

  /**
   * Reads a directory.
   *
   * @throws InvalidInputException with everything that is wrong
   */
  static LoadedModel of(Path directory) {
    WholeDirectory.recover(directory);
    requireClasses(directory);
    requireFiles(directory, List.of(SavedModelFile.NAME, "spec.yaml", "labels.txt"));
    ModelSpec spec = Specs.model(directory.resolve("spec.yaml").toString());
    List<String> problems = new ArrayList<>();
    List<String> labels = WeightSource.readLabels(directory.resolve("labels.txt"));
    if (labels.size() != spec.classes()) {
      problems.add(
          "labels.txt has " + labels.size() + " labels, must be one per class: " + spec.classes());
    }
    MetaGraphDef file = SavedModelFile.read(directory);
    Outputs outputs = Outputs.find(file, spec, problems);
    problems.addAll(WeightSource.problems(directory, file, spec));
    if (problems.isEmpty()) {
      problems.addAll(GraphSpec.problems(directory, file, spec));
    }
    if (!problems.isEmpty() || outputs == null) {
      throw SafetensorsHeader.refuse(directory, problems.stream().distinct().toList());
    }
    Sessions.load();
    try (SavedModelBundle bundle =
        SavedModelBundle.loader(directory.toString())
            .withTags("serve")
            .withConfigProto(Sessions.configToRunOnce(0))
            .load()) {
      InferenceGraph graph =
          InferenceGraph.of(
              bundle.metaGraphDef().getGraphDef(),
              bundle.graph(),
              bundle.session(),
              spec,
              outputs.all(),
              0);
      return new LoadedModel(spec, labels, graph, outputs);
    } catch (TensorFlowException | IllegalArgumentException e) {
      throw new InvalidInputException(
          directory + ": a damaged SavedModel: " + InvalidInputException.firstLine(e), e);
    }
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
    if (!directory.getFileSystem().equals(FileSystems.getDefault())) {
      throw new InvalidInputException(
          directory
              + ": lies in "
              + directory.getFileSystem()
              + ", must be a directory of the machine's own files, which TensorFlow reads; copy it"
              + " to one");
    }
    for (String file : files) {
      if (!Files.isRegularFile(directory.resolve(file))) {
        throw new InvalidInputException(
            directory
                + ": not a SavedModel of mlit, "
                + (Files.exists(directory) ? "it has no " + file : "there is no such directory")
                + (Files.exists(directory.resolve("run.yaml"))
                    ? "; it is the directory of a run, whose model is in "
                        + directory.resolve("savedmodel")
                        + " or comes by: ./mlit export "
                        + directory
                        + " --to MODEL_DIR"
                    : "")
                + (Files.exists(directory.resolve(SavedModelFile.NAME))
                    ? "; ./mlit import makes one of what Python saved"
                    : ""));
      }
    }
  }
}
