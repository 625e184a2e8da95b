package dev.mlit.savedmodel;

import dev.mlit.files.WholeDirectory;
import dev.mlit.graph.ModelSums;
import dev.mlit.graph.Weights;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Weights in and out as safetensors files. */
public final class WeightFiles {
  private static final String FILE = "model.safetensors";

  private WeightFiles() {}

  /**
   * Reads the weights of a model.
   *
   * @param file a safetensors file with the tensors of the model, named as its variables with dots
   * @throws InvalidInputException with every problem: missing, extra and wrongly shaped tensors, a
   *     type that is no floating-point number, values that are not finite, a damaged file
   */
  public static Weights read(ModelSpec model, Path file) {
    Map<String, List<Long>> expected = Weights.shapesOf(model);
    Map<String, Weights.Array> found = Safetensors.read(file, shapes -> check(expected, shapes));
    Map<String, Weights.Array> ordered = new LinkedHashMap<>();
    for (String name : expected.keySet()) {
      ordered.put(name, Objects.requireNonNull(found.get(Safetensors.dotted(name))));
    }
    return finite(file, Weights.of(ordered));
  }

  /**
   * Reads all weights of a file, whatever model they are of, or of a SavedModel of mlit.
   *
   * @param file a safetensors file whose tensors are named as variables with dots, or the directory
   *     of a SavedModel
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
    Map<String, Weights.Array> arrays = new LinkedHashMap<>();
    Safetensors.read(file, shapes -> List.of())
        .forEach((name, array) -> arrays.put(name.replace('.', '/'), array));
    return finite(file, Weights.of(arrays));
  }

  private static Weights savedModel(Path directory) {
    LoadedModel.requireFiles(directory, List.of(SavedModelFile.NAME, "spec.yaml"));
    ModelSums.require(directory);
    ModelSpec spec = Specs.model(directory.resolve("spec.yaml").toString());
    return LoadedModel.weights(
        directory, SavedModelFile.read(directory), spec, Weights.shapesOf(spec), List.of());
  }

  private static Weights finite(Path file, Weights weights) {
    List<String> problems = weights.notFinite();
    if (!problems.isEmpty()) {
      throw InvalidInputException.of(file, problems);
    }
    return weights;
  }

  /** Everything in which the tensors of a file are not those of the model. */
  private static List<String> check(
      Map<String, List<Long>> expected, Map<String, List<Long>> found) {
    List<String> problems = new ArrayList<>();
    Set<String> extra = new LinkedHashSet<>(found.keySet());
    expected.forEach(
        (variable, shape) -> {
          String name = Safetensors.dotted(variable);
          extra.remove(name);
          List<Long> is = found.get(name);
          if (is == null) {
            problems.add(name + ": is missing, the model has it as " + shape);
          } else if (!is.equals(shape)) {
            problems.add(name + ": is " + is + ", must be " + shape + " for the model");
          }
        });
    extra.forEach(name -> problems.add(name + ": the model has no such tensor"));
    return problems;
  }

  private static WholeDirectory place(Path directory) {
    return WholeDirectory.at(
        directory,
        Set.of(FILE, "spec.yaml", "labels.txt", ModelSums.FILE),
        Set.of("spec.yaml", FILE));
  }

  /**
   * Writes {@code model.safetensors}, {@code spec.yaml} and {@code labels.txt}; what is in the
   * directory is replaced when all is written.
   *
   * @throws InvalidInputException if the directory holds something else, or cannot be written
   * @throws dev.mlit.files.NotWrittenException if the disk does not take it
   */
  public static void write(ModelSpec model, Weights weights, List<String> labels, Path directory) {
    place(directory)
        .replace(
            unfinished -> {
              Safetensors.write(unfinished.resolve(FILE), weights);
              Files.writeString(unfinished.resolve("spec.yaml"), Specs.yaml(model));
              if (!model.isAutoencoder()) {
                Files.write(unfinished.resolve("labels.txt"), labels);
              }
              ModelSums.write(unfinished);
            });
  }
}
