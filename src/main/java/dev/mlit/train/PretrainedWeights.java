package dev.mlit.train;

import dev.mlit.data.LabelFile;
import dev.mlit.files.ModelLayout;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import dev.mlit.train.step.ExponentialMovingAverage;
import dev.mlit.weights.ModelSums;
import dev.mlit.weights.PositionGrid;
import dev.mlit.weights.WeightFiles;
import dev.mlit.weights.Weights;
import dev.mlit.zoo.Zoo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a model that was trained before.
 *
 * @param place where they were found, for messages
 * @param weights by the names of the design
 * @param model its description; null if a file of nothing but weights was given
 * @param labels the names of its classes; empty if they are not known
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public record PretrainedWeights(
    String place, Weights weights, @Nullable ModelSpec model, List<String> labels) {
  public PretrainedWeights {
    labels = List.copyOf(labels);
  }

  /** Weights of a model whose classes have no names. */
  public PretrainedWeights(String place, Weights weights, @Nullable ModelSpec model) {
    this(place, weights, model, List.of());
  }

  /**
   * Looks for a SavedModel, a run, a file of weights, or a model that comes along.
   *
   * @throws InvalidInputException if there is none, or it cannot be read
   */
  public static PretrainedWeights find(String from) {
    // A message about a path that is not there says more than the zoo's.
    Path path = Zoo.existing(from).orElse(Path.of(from));
    if (Files.isRegularFile(path)) {
      Path spec = path.resolveSibling(ModelLayout.SPEC);
      ModelSpec model = Files.isRegularFile(spec) ? Specs.model(spec.toString()) : null;
      Weights weights = WeightFiles.read(path);
      return new PretrainedWeights(from, weights, model, labelsBeside(path, weights));
    }
    Path spec = path.resolve(ModelLayout.SPEC);
    if (Files.isRegularFile(spec)) {
      Path weights = path.resolve(ModelLayout.WEIGHTS);
      if (Files.isRegularFile(weights)) {
        return find(weights.toString());
      }
      ModelSpec model = Specs.model(spec.toString());
      return read(from, model, () -> savedModel(path, model), read -> labelsBeside(spec, read));
    }
    if (!Files.isRegularFile(path.resolve("run.yaml"))) {
      throw new InvalidInputException(
          "initialize.from: "
              + from
              + " must be a SavedModel of mlit (spec.yaml), a run directory (run.yaml), a"
              + " safetensors file, or one of those that come along: "
              + Zoo.names());
    }
    RunDirectory run = RunDirectory.open(path);
    Path checkpoint = run.lastCheckpoint();
    if (checkpoint == null) {
      throw new InvalidInputException("initialize.from: " + from + " has no checkpoint yet");
    }
    ModelSpec model = run.run().model();
    String scope = ExponentialMovingAverage.scope(run.run());
    return read(from, model, () -> Weights.read(model, checkpoint, scope), w -> run.labels());
  }

  /** Of a directory without {@code saved_model.pb}, only the description and the variables. */
  private static Weights savedModel(Path directory, ModelSpec model) {
    if (Files.isRegularFile(directory.resolve(ModelLayout.GRAPH))) {
      return WeightFiles.read(directory);
    }
    ModelSums.require(directory);
    return Weights.read(model, directory.resolve(ModelLayout.VARIABLES));
  }

  /** The names of the classes of a head; empty where there is no head, or it has no names. */
  private static List<String> labelsBeside(Path file, Weights weights) {
    Path labels = file.resolveSibling(ModelLayout.LABELS);
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
          advice ->
              "initialize.from: " + from + ": its weights cannot be read: " + e.message(advice),
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
