package dev.mlit.savedmodel;

import dev.mlit.graph.Weights;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Weights in and out as safetensors files. */
public final class WeightFiles {
  private static final String FILE = "model.safetensors";

  private WeightFiles() {}

  /**
   * Reads the weights of a model.
   *
   * @param file a safetensors file with the tensors of the model, named as its variables with dots
   * @throws InvalidInputException with every problem: missing, extra and wrongly shaped tensors, a
   *     type that is no floating-point number, a damaged file
   */
  public static Weights read(ModelSpec model, Path file) {
    Map<String, Weights.Array> found = Safetensors.read(file);
    Map<String, Weights.Array> ordered = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    Weights.shapesOf(model)
        .forEach(
            (name, shape) -> {
              Weights.Array array = found.remove(name);
              if (array == null) {
                problems.add(dotted(name) + ": is missing, the model has it as " + shape);
              } else if (!array.shape().equals(shape)) {
                problems.add(
                    dotted(name)
                        + ": is "
                        + array.shape()
                        + ", must be "
                        + shape
                        + " for the model");
              } else {
                ordered.put(name, array);
              }
            });
    found.keySet().forEach(name -> problems.add(dotted(name) + ": the model has no such tensor"));
    if (!problems.isEmpty()) {
      throw new InvalidInputException(file + ": " + String.join("\n" + file + ": ", problems));
    }
    return Weights.of(ordered);
  }

  private static String dotted(String name) {
    return name.replace('/', '.');
  }

  /**
   * Writes {@code model.safetensors}, {@code spec.yaml} and {@code labels.txt}; what is in the
   * directory is replaced when all is written.
   *
   * @param checkpoint the prefix of a checkpoint's files, with every variable of the model
   * @throws InvalidInputException if the directory holds something else, or cannot be written
   */
  public static void write(ModelSpec model, Path checkpoint, List<String> labels, Path directory) {
    AtomicDirectory.requireReplaceable(directory, "spec.yaml", FILE);
    Weights weights = Weights.read(model, checkpoint);
    AtomicDirectory.replace(
        directory,
        unfinished -> {
          Safetensors.write(unfinished.resolve(FILE), weights);
          Files.writeString(unfinished.resolve("spec.yaml"), Specs.yaml(model));
          Files.write(unfinished.resolve("labels.txt"), labels);
        });
  }
}
