package dev.mlit.files;

import java.util.List;
import java.util.stream.Stream;

/**
 * The names of the files in the directory of a model.
 *
 * @since 0.1.0
 */
public final class ModelLayout {
  /** TensorFlow's graph of a SavedModel. */
  public static final String GRAPH = "saved_model.pb";

  /** The description, which says what the graph computes. */
  public static final String SPEC = "spec.yaml";

  /** The names of the classes; an autoencoder has none. */
  public static final String LABELS = "labels.txt";

  /** SHA-256 of the files that are read. */
  public static final String SUMS = "SHA256SUMS";

  /** What Python's libraries and model hubs look for. */
  public static final String CONFIG = "config.json";

  /** The model card. */
  public static final String CARD = "README.md";

  /** The weights where there is no graph. */
  public static final String WEIGHTS = "model.safetensors";

  /** The weights of a SavedModel, a checkpoint of TensorFlow: what its files' names begin with. */
  public static final String VARIABLES = "variables/variables";

  /** Those without which a directory is no SavedModel of mlit. */
  public static final List<String> REQUIRED = List.of(GRAPH, SPEC);

  /** All of a SavedModel that is read. */
  public static final List<String> READ =
      with(
          REQUIRED,
          List.of(LABELS, SUMS, VARIABLES + ".index", VARIABLES + ".data-00000-of-00001"));

  /** All that a SavedModel consists of. */
  public static final List<String> SAVED_MODEL = with(READ, List.of(CONFIG, CARD));

  private ModelLayout() {}

  private static List<String> with(List<String> first, List<String> then) {
    return Stream.concat(first.stream(), then.stream()).toList();
  }
}
