package dev.mlit.weights;

import dev.mlit.files.Disk;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.VariableShapes;
import dev.mlit.spec.text.CommandText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tensorflow.proto.MetaGraphDef;

/** The files in the directory of a SavedModel of mlit, and the weights in them. */
public final class SavedModelDirectory {
  private SavedModelDirectory() {}

  /**
   * Checks that a directory has what a SavedModel of mlit consists of.
   *
   * @throws InvalidInputException if a file is missing
   */
  public static void requireFiles(Path directory, List<String> files) {
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

  /**
   * Reads the weights of a SavedModel after all else that is to be checked.
   *
   * @param file its {@code saved_model.pb}
   * @param problems what is wrong with it so far
   * @throws InvalidInputException with everything that is wrong
   */
  public static Weights weights(
      Path directory, MetaGraphDef file, ModelSpec spec, List<String> problems) {
    Map<String, List<Long>> expected = VariableShapes.of(spec);
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
}
