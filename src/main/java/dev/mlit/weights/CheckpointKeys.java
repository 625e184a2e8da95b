package dev.mlit.weights;

/**
 * What Python's TensorFlow 2 calls the tensors in its checkpoints: by the way to an object and the
 * attribute of it. A SavedModel of mlit has such names in its files; a run's checkpoint, which
 * TensorFlow 1's {@code Saver} could have written, has the plain names of the variables.
 *
 * @since 0.1.0
 */
public final class CheckpointKeys {
  /** What is stored of a variable. */
  public static final String ATTRIBUTE = "VARIABLE_VALUE";

  /** The entry of the files that says which tensor is which object's, a TrackableObjectGraph. */
  static final String OBJECTS = "_CHECKPOINTABLE_OBJECT_GRAPH";

  private static final String SUFFIX = "/.ATTRIBUTES/" + ATTRIBUTE;

  private CheckpointKeys() {}

  /** The name of the tensor of a variable, such as {@code head/bias/.ATTRIBUTES/VARIABLE_VALUE}. */
  public static String of(String variable) {
    return variable + SUFFIX;
  }

  /** The way to a variable whose tensor has this name, or the name itself if it is none such. */
  static String variable(String key) {
    return key.endsWith(SUFFIX) ? key.substring(0, key.length() - SUFFIX.length()) : key;
  }
}
