package dev.mlit.train;

import dev.mlit.graph.Weights;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.exceptions.TensorFlowException;

/**
 * The weights of a model that was trained before.
 *
 * @param place where they were found, for messages
 * @param weights by the names of the design
 * @param model its description; null if a file of weights alone was given
 * @param labels the names of its classes; empty if they are not known
 */
public record PretrainedWeights(
    String place, Weights weights, @Nullable ModelSpec model, List<String> labels) {
  public PretrainedWeights {
    labels = List.copyOf(labels);
  }

  /** Weights of a model whose classes have no names. */
  public PretrainedWeights(String place, Weights weights, @Nullable ModelSpec model) {
    this(place, weights, model, List.of());
  }

  /** Reads files of weights that this package knows nothing of. */
  @FunctionalInterface
  public interface Reader {
    /** Knows no files. */
    Reader NONE =
        file -> {
          throw new InvalidInputException(
              "initialize.from: " + file + " must be a directory: a SavedModel of mlit or a run");
        };

    /**
     * Reads a file.
     *
     * @return all weights in it, by the names of variables
     * @throws InvalidInputException if it is damaged, or of another format
     */
    Weights read(Path file);
  }

  /**
   * Looks for a SavedModel, a run, or a file of weights.
   *
   * @throws InvalidInputException if there is none, or it cannot be read
   */
  public static PretrainedWeights find(String from, Reader reader) {
    Path path = Path.of(from);
    if (Files.isRegularFile(path)) {
      Path spec = path.resolveSibling("spec.yaml");
      ModelSpec model = Files.isRegularFile(spec) ? Specs.model(spec.toString()) : null;
      return new PretrainedWeights(from, reader.read(path), model, labelsBeside(path));
    }
    Path spec = path.resolve("spec.yaml");
    if (Files.isRegularFile(spec)) {
      Path weights = path.resolve("model.safetensors");
      if (Files.isRegularFile(weights)) {
        return find(weights.toString(), reader);
      }
      ModelSpec model = Specs.model(spec.toString());
      Path prefix = path.resolve("variables/variables");
      return read(from, model, prefix, "", labelsBeside(spec));
    }
    if (!Files.isRegularFile(path.resolve("run.yaml"))) {
      throw new InvalidInputException(
          "initialize.from: "
              + from
              + " must be a SavedModel of mlit (spec.yaml), a run directory (run.yaml) or a"
              + " safetensors file");
    }
    RunDirectory run = RunDirectory.open(path);
    Path checkpoint = run.lastCheckpoint();
    if (checkpoint == null) {
      throw new InvalidInputException("initialize.from: " + from + " has no checkpoint yet");
    }
    String scope = WeightAverage.scope(run.run());
    return read(from, run.run().model(), checkpoint, scope, run.labels());
  }

  private static List<String> labelsBeside(Path file) {
    Path labels = file.resolveSibling("labels.txt");
    if (!Files.isRegularFile(labels)) {
      return List.of();
    }
    try {
      return Files.readAllLines(labels);
    } catch (IOException e) {
      throw new InvalidInputException(
          "initialize.from: " + labels + ": must be text in UTF-8, a label a line", e);
    }
  }

  private static PretrainedWeights read(
      String from, ModelSpec model, Path prefix, String scope, List<String> labels) {
    try {
      return new PretrainedWeights(from, Weights.read(model, prefix, scope), model, labels);
    } catch (TensorFlowException e) {
      throw new InvalidInputException(
          "initialize.from: "
              + from
              + ": its weights cannot be read: "
              + InvalidInputException.firstLine(e),
          e);
    }
  }

  /**
   * Checks that a model can start from the weights of another, before there are any.
   *
   * @param from says in messages where they will be
   * @throws InvalidInputException if it does not fit
   */
  public static void requireFits(String from, ModelSpec source, ModelSpec model) {
    Initialization.requireFits(from, source, model);
  }

  /** The weights by the names of their variables. */
  Map<String, Weights.Array> arrays() {
    return weights.arrays();
  }

  /**
   * The grid of the patches that position embeddings are for; a square where only their number is
   * known.
   *
   * @throws InvalidInputException if it is no number of a square
   */
  PositionGrid grid(Weights.Array position) {
    if (model != null) {
      return PositionGrid.of(model);
    }
    long patches = position.shape().get(1) - 1;
    int side = (int) Math.round(Math.sqrt((double) patches));
    if ((long) side * side != patches) {
      throw new InvalidInputException(
          "initialize.from: "
              + place
              + ": its "
              + patches
              + " patches make no square; put the model's spec.yaml beside it");
    }
    return new PositionGrid(side, side);
  }
}
