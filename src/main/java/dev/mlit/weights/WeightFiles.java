package dev.mlit.weights;

import dev.mlit.files.ModelLayout;
import dev.mlit.files.WholeDirectory;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import dev.mlit.spec.VariableShapes;
import dev.mlit.spec.text.Printable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Weights in and out as safetensors files.
 *
 * @since 0.1.0
 */
public final class WeightFiles {
  private static final Logger LOG = LoggerFactory.getLogger(WeightFiles.class);

  private WeightFiles() {}

  /**
   * Reads the weights of a model.
   *
   * @param file a safetensors file with the tensors of the model, named as its variables with dots;
   *     the same may stand in front of all names, such as {@code module.}
   * @throws InvalidInputException with every problem: missing, extra and wrongly shaped tensors, a
   *     type that is no floating-point number, values that are not finite, a damaged file
   */
  public static Weights read(ModelSpec model, Path file) {
    CheckpointVariables.Found found = read(model, file, new Renames());
    log(file, found.prefix());
    return found.weights();
  }

  /** As above, of a model whose variables have other names in the file; others are left out. */
  static CheckpointVariables.Found read(ModelSpec model, Path file, Renames renames) {
    Map<String, List<Long>> expected = VariableShapes.of(model);
    Safetensors.Tensors read =
        Safetensors.read(file, shapes -> TensorChoice.of(expected, shapes, renames));
    return new CheckpointVariables.Found(
        finite(file, Weights.of(read.arrays())), read.choice().others(), read.choice().prefix());
  }

  /**
   * Reads all weights of a file, whatever model they are of, or of a SavedModel of mlit.
   *
   * @param file a safetensors file whose tensors are named as variables with dots, with the same in
   *     front of all names or nothing; or the directory of a SavedModel
   * @throws InvalidInputException if it is damaged, a type is no floating-point number, or a value
   *     is not finite
   */
  public static Weights read(Path file) {
    if (Files.isDirectory(file)) {
      return savedModel(file);
    }
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null) {
      ModelSums.require(directory);
    }
    Safetensors.Tensors read =
        Safetensors.read(file, shapes -> TensorChoice.ofSomeModel(shapes.keySet()));
    log(file, read.choice().prefix());
    return finite(file, Weights.of(read.arrays()));
  }

  private static void log(Path file, String prefix) {
    if (!prefix.isEmpty()) {
      LOG.info("{}: all names begin with {}, taken without it", file, Printable.line(prefix));
    }
  }

  private static Weights savedModel(Path directory) {
    SavedModelDirectory.requireFiles(directory, ModelLayout.REQUIRED);
    ModelSums.require(directory);
    ModelSpec spec = Specs.model(directory.resolve(ModelLayout.SPEC).toString());
    return SavedModelDirectory.weights(directory, SavedModelFile.read(directory), spec, List.of());
  }

  private static Weights finite(Path file, Weights weights) {
    List<String> problems = weights.notFinite();
    if (!problems.isEmpty()) {
      throw InvalidInputException.of(file, problems);
    }
    return weights;
  }

  private static WholeDirectory place(Path directory) {
    return WholeDirectory.at(
        directory,
        Set.of(
            ModelLayout.WEIGHTS,
            ModelLayout.SPEC,
            ModelLayout.LABELS,
            ModelLayout.CONFIG,
            ModelLayout.SUMS),
        Set.of(ModelLayout.SPEC, ModelLayout.WEIGHTS));
  }

  /**
   * Writes {@code model.safetensors}, {@code spec.yaml}, {@code labels.txt} and {@code
   * config.json}; what is in the directory is replaced when all is written.
   *
   * @throws InvalidInputException if the directory holds something else, or cannot be written
   * @throws dev.mlit.files.NotWrittenException if the disk does not take it
   */
  public static void write(ModelSpec model, Weights weights, List<String> labels, Path directory) {
    place(directory)
        .replace(
            unfinished -> {
              Safetensors.write(unfinished.resolve(ModelLayout.WEIGHTS), weights);
              Files.writeString(unfinished.resolve(ModelLayout.SPEC), Specs.yaml(model));
              if (!model.isAutoencoder()) {
                Files.write(unfinished.resolve(ModelLayout.LABELS), labels);
              }
              ModelConfig.write(model, labels, unfinished);
              ModelSums.write(unfinished);
            });
  }
}
