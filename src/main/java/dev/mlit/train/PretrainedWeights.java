package dev.mlit.train;

import dev.mlit.data.LabelFile;
import dev.mlit.graph.ModelSums;
import dev.mlit.graph.Weights;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
  private static final String SAVED_MODEL = "saved_model.pb";

  public PretrainedWeights {
    labels = List.copyOf(labels);
  }

  /** Weights of a model whose classes have no names. */
  public PretrainedWeights(String place, Weights weights, @Nullable ModelSpec model) {
    this(place, weights, model, List.of());
  }

  /** Reads files of weights, and SavedModels, which this package knows nothing of. */
  @FunctionalInterface
  public interface Reader {
    /** Knows no files, and of a SavedModel its description and variables. */
    Reader NONE =
        file -> {
          if (Files.isDirectory(file)) {
            ModelSums.require(file);
            ModelSpec model = Specs.model(file.resolve("spec.yaml").toString());
            return Weights.read(model, file.resolve("variables/variables"));
          }
          throw new InvalidInputException(
              "initialize.from: " + file + " must be a directory: a SavedModel of mlit or a run");
        };

    /**
     * Reads a file, or the directory of a SavedModel.
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
      Weights weights = reader.read(path);
      return new PretrainedWeights(from, weights, model, labelsBeside(path, weights));
    }
    Path spec = path.resolve("spec.yaml");
    if (Files.isRegularFile(spec)) {
      Path weights = path.resolve("model.safetensors");
      if (Files.isRegularFile(weights)) {
        return find(weights.toString(), reader);
      }
      ModelSpec model = Specs.model(spec.toString());
      Reader known = Files.isRegularFile(path.resolve(SAVED_MODEL)) ? reader : Reader.NONE;
      return read(from, model, () -> known.read(path), read -> labelsBeside(spec, read));
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
    ModelSpec model = run.run().model();
    String scope = WeightAverage.scope(run.run());
    return read(from, model, () -> Weights.read(model, checkpoint, scope), w -> run.labels());
  }

  /** The names of the classes of a head; empty where there is no head, or it has no names. */
  private static List<String> labelsBeside(Path file, Weights weights) {
    Path labels = file.resolveSibling(LabelFile.NAME);
    Weights.Array bias = weights.arrays().get("head/bias");
    if (bias == null || !Files.isRegularFile(labels)) {
      return List.of();
    }
    int classes = bias.values().length;
    List<String> names = LabelFile.read(labels, classes);
    List<String> problems = LabelFile.problems(names, classes);
    if (!names.isEmpty() && !problems.isEmpty()) {
      throw InvalidInputException.of(
          "initialize.from: " + labels.toAbsolutePath().getParent(), problems);
    }
    return names;
  }

  private static PretrainedWeights read(
      String from,
      ModelSpec model,
      Supplier<Weights> reader,
      Function<Weights, List<String>> labels) {
    Weights weights = read(from, reader);
    return new PretrainedWeights(from, weights, model, labels.apply(weights));
  }

  private static Weights read(String from, Supplier<Weights> reader) {
    try {
      Weights weights = reader.get();
      List<String> problems = weights.notFinite();
      if (!problems.isEmpty()) {
        throw InvalidInputException.of(from, problems);
      }
      return weights;
    } catch (InvalidInputException e) {
      throw new InvalidInputException(
          "initialize.from: " + from + ": its weights cannot be read: " + e.getMessage(), e);
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
