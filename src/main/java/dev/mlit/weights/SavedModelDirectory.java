package dev.mlit.weights;

import dev.mlit.files.Disk;
import dev.mlit.files.ModelLayout;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.VariableShapes;
import dev.mlit.spec.advice.Message;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.MetaGraphDef;

/**
 * The files in the directory of a SavedModel of mlit, and the weights in them.
 *
 * @since 0.1.0
 */
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
        throw missing(directory, file);
      }
    }
  }

  private static InvalidInputException missing(Path directory, String file) {
    boolean exists = Files.exists(directory);
    boolean ofRun = Files.exists(directory.resolve("run.yaml"));
    Path exported = directory.resolve("savedmodel");
    boolean isExported = Files.isDirectory(exported);
    boolean ofPython = Files.exists(directory.resolve(ModelLayout.GRAPH));
    return new InvalidInputException(
        advice ->
            directory
                + ": not a SavedModel of mlit, "
                + (exists ? "it has no " + file : "there is no such directory")
                + (ofRun
                    ? "; it is the directory of a run, whose model "
                        + (isExported ? "is in " + exported + " or " : "")
                        + "comes by: "
                        + advice.export(directory, "MODEL_DIR")
                    : "")
                + (ofPython ? "; " + advice.importer() + " makes one of what Python saved" : ""));
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
    Set<String> found = new LinkedHashSet<>(problems);
    found.addAll(variables.problems(expected, Map.of()));
    List<Message> problemsOfAll = new ArrayList<>(found.stream().map(Message::of).toList());
    List<String> foreign = variables.foreign(expected, Map.of());
    if (!foreign.isEmpty()) {
      problemsOfAll.add(
          advice ->
              "a signature uses variables that the model of spec.yaml has not: "
                  + String.join(", ", foreign)
                  + "; "
                  + advice.importer()
                  + " takes over those that it has");
    }
    if (problemsOfAll.isEmpty()) {
      GraphSpec.problems(directory, file, spec).stream()
          .distinct()
          .map(Message::of)
          .forEach(problemsOfAll::add);
    }
    if (!problemsOfAll.isEmpty()) {
      throw InvalidInputException.advised(directory, problemsOfAll);
    }
    return variables.read(expected, Map.of()).weights();
  }
}
