package dev.mlit.weights;

import dev.mlit.data.LabelFile;
import dev.mlit.files.Disk;
import dev.mlit.files.ModelLayout;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import dev.mlit.spec.VariableShapes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedObjectGraphOuterClass.SavedObjectGraph;

/**
 * Where weights come from: a SavedModel, whether Java or {@code tf.saved_model.save} wrote it, a
 * TensorFlow checkpoint, or a safetensors file.
 *
 * @since 0.1.0
 */
public final class WeightSource {
  /** The prefix of the checkpoint within a SavedModel. */
  private static final String INDEX = ".index";

  private static final Pattern LATEST =
      Pattern.compile("^model_checkpoint_path: \"([^\"]+)\"$", Pattern.MULTILINE);

  private final Path path;
  private final Kind kind;

  /** The tensors, or the prefix of the checkpoint's files. */
  private final Path file;

  private WeightSource(Path path, Kind kind, Path file) {
    this.path = path;
    this.kind = kind;
    this.file = file;
  }

  /** The kinds of places that weights come from. */
  public enum Kind {
    SAVED_MODEL("SavedModel"),
    CHECKPOINT("TensorFlow checkpoint"),
    SAFETENSORS("safetensors file");

    private final String title;

    Kind(String title) {
      this.title = title;
    }

    @Override
    public String toString() {
      return title;
    }
  }

  /**
   * Finds out what lies at a path.
   *
   * @param path a SavedModel's directory, a checkpoint's prefix, index file or directory, or a
   *     safetensors file
   * @throws InvalidInputException if it is none of these
   */
  public static WeightSource of(Path path) {
    Disk.requireOwnFiles(path);
    String name = String.valueOf(path.getFileName());
    if (Files.isDirectory(path)) {
      return directory(path);
    }
    Path prefix =
        name.endsWith(INDEX)
            ? path.resolveSibling(name.substring(0, name.length() - INDEX.length()))
            : path;
    if (CheckpointFile.exists(prefix)) {
      return new WeightSource(path, Kind.CHECKPOINT, prefix);
    }
    if (name.endsWith(".h5") || name.endsWith(".keras")) {
      throw new InvalidInputException(
          path + ": a file of Keras; save with tf.saved_model.save or model.export instead");
    }
    return new WeightSource(path, Kind.SAFETENSORS, path);
  }

  private static WeightSource directory(Path path) {
    if (Files.isRegularFile(path.resolve(ModelLayout.GRAPH))) {
      return new WeightSource(path, Kind.SAVED_MODEL, path.resolve(ModelLayout.VARIABLES));
    }
    if (Files.isRegularFile(path.resolve("run.yaml"))) {
      throw new InvalidInputException(
          advice ->
              path + ": a run directory; its model is written by " + advice.export(path, "DIR"));
    }
    Path state = path.resolve("checkpoint");
    if (Files.isRegularFile(state)) {
      try {
        Matcher latest = LATEST.matcher(Files.readString(state));
        if (latest.find()) {
          return new WeightSource(path, Kind.CHECKPOINT, path.resolve(latest.group(1)));
        }
      } catch (IOException e) {
        throw InvalidInputException.unreadable(state, e);
      }
    }
    Path tensors = path.resolve(ModelLayout.WEIGHTS);
    if (Files.isRegularFile(tensors)) {
      return new WeightSource(tensors, Kind.SAFETENSORS, tensors);
    }
    throw new InvalidInputException(
        path
            + ": must be a SavedModel (it has no saved_model.pb), a checkpoint's prefix or a"
            + " safetensors file");
  }

  public Path path() {
    return path;
  }

  public Kind kind() {
    return kind;
  }

  /** Where a description of the model may lie. */
  private Path beside(String name) {
    Path directory = directory();
    return directory == null ? Path.of(name) : directory.resolve(name);
  }

  private @Nullable Path directory() {
    return kind == Kind.SAVED_MODEL ? path : file.toAbsolutePath().getParent();
  }

  /** The file of the model's description that lies beside the weights; null if there is none. */
  public @Nullable Path description() {
    Path spec = beside(ModelLayout.SPEC);
    return Files.isRegularFile(spec) ? spec : null;
  }

  /** The description that lies beside the weights; null if there is none. */
  public @Nullable ModelSpec spec() {
    Path spec = description();
    return spec == null ? null : Specs.model(spec.toString());
  }

  /**
   * The names of the classes that lie beside the weights; empty if there are none.
   *
   * @param classes how many the model has
   */
  public List<String> labels(int classes) {
    Path labels = beside(ModelLayout.LABELS);
    return Files.isRegularFile(labels) ? LabelFile.read(labels, classes) : List.of();
  }

  /**
   * Reads the weights of a model.
   *
   * @param renames what its variables are called there
   * @param runs true if the graph of a SavedModel will be asked whether it computes the same; what
   *     its signatures use must be the model's otherwise
   * @throws InvalidInputException with everything that does not fit
   */
  public CheckpointVariables.Found read(ModelSpec model, Renames renames, boolean runs) {
    if (kind == Kind.SAFETENSORS) {
      return WeightFiles.read(model, file, renames);
    }
    CheckpointVariables variables = variables();
    Map<String, List<Long>> expected = VariableShapes.of(model);
    Map<String, String> renamed =
        renames.of(expected.keySet(), variables::has, UnaryOperator.identity());
    CheckpointVariables.Found found = variables.read(expected, renamed);
    List<String> foreign = runs ? List.of() : variables.foreign(expected, renamed);
    if (!foreign.isEmpty()) {
      throw new InvalidInputException(
          advice ->
              path
                  + ": a signature uses variables that the model has not: "
                  + String.join(", ", foreign)
                  + "; is one of them a variable of the model, then say "
                  + advice.rename("NAME", "VARIABLE")
                  + "; is none, then "
                  + advice.compare()
                  + " runs the graph to see whether the model computes the same");
    }
    return found;
  }

  /**
   * The variables of a SavedModel.
   *
   * @param file its {@code saved_model.pb}
   */
  static CheckpointVariables variables(Path directory, MetaGraphDef file) {
    return CheckpointVariables.of(
        directory.toString(),
        CheckpointFile.open(directory.resolve(ModelLayout.VARIABLES)),
        file.getObjectGraphDef());
  }

  /**
   * Checks that the files of a model are those that were exported, where sums of them lie beside.
   *
   * @throws InvalidInputException if they are others
   */
  public void requireSums() {
    Path directory = directory();
    if (directory != null && kind != Kind.CHECKPOINT) {
      ModelSums.require(directory);
    }
  }

  private CheckpointVariables variables() {
    return kind == Kind.SAVED_MODEL
        ? variables(path, SavedModelFile.read(path))
        : CheckpointVariables.of(
            path.toString(), CheckpointFile.open(file), SavedObjectGraph.getDefaultInstance());
  }
}
