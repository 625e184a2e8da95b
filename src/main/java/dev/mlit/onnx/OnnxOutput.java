package dev.mlit.onnx;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.text.Suggestions;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The outputs that an ONNX file of a model may have, float32, called as in the signatures of its
 * SavedModel.
 *
 * @since 0.1.0
 */
public enum OnnxOutput {
  /** [batch, classes], of a classifier. */
  LOGITS,
  /** [batch, classes], of a classifier: the softmax of the logits. */
  PROBABILITIES,
  /** [batch, embedding]: the class token after the final norm, or the mean of the patches'. */
  FEATURES,
  /**
   * [batch, N+1, embedding], the class token first, after the final norm; all patches are visible.
   * Without it, the last block of a model with {@code pooling: class-token} computes that token
   * only.
   */
  TOKENS,
  /**
   * [batch, N, values of a patch], of an autoencoder: the normalised pixels of all patches, as
   * painted. The file has the input {@code noise} [batch, N] then; the patches with the smallest
   * stay visible.
   */
  PATCHES,
  /** [batch, N], of an autoencoder: 1 for hidden patches, 0 for visible ones. */
  MASK;

  private static final Set<OnnxOutput> OF_CLASSIFIER =
      Collections.unmodifiableSet(EnumSet.range(LOGITS, TOKENS));
  private static final Set<OnnxOutput> OF_AUTOENCODER =
      Collections.unmodifiableSet(EnumSet.range(FEATURES, MASK));
  private static final Set<OnnxOutput> RECONSTRUCTION =
      Collections.unmodifiableSet(EnumSet.of(PATCHES, MASK));

  /** The name of the output in the file. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The output of this name.
   *
   * @throws InvalidInputException if there is none
   */
  public static OnnxOutput of(String name) {
    return Arrays.stream(values())
        .filter(output -> output.text().equals(name))
        .findFirst()
        .orElseThrow(() -> unknown(name));
  }

  private static InvalidInputException unknown(String name) {
    List<String> known = Arrays.stream(values()).map(OnnxOutput::text).toList();
    return new InvalidInputException(
        name
            + ": unknown output; "
            + Suggestions.didYouMean(name, known)
            + "Known: "
            + String.join(", ", known));
  }

  /** All outputs that a model has. */
  public static Set<OnnxOutput> allOf(ModelSpec model) {
    return model.isAutoencoder() ? OF_AUTOENCODER : OF_CLASSIFIER;
  }

  /**
   * The outputs of a file unless others are asked for: all of a classifier; {@link #PATCHES} and
   * {@link #MASK} of an autoencoder, whose features are of images without hidden patches and would
   * cost another pass through its encoder.
   */
  public static Set<OnnxOutput> usualOf(ModelSpec model) {
    return model.isAutoencoder() ? RECONSTRUCTION : OF_CLASSIFIER;
  }

  /**
   * Checks that a model has outputs.
   *
   * @throws InvalidInputException if it has one of them not, or there are none
   */
  static void require(Set<OnnxOutput> outputs, ModelSpec model) {
    Set<OnnxOutput> there = allOf(model);
    if (outputs.isEmpty()) {
      throw new InvalidInputException(
          "outputs: must be at least one of " + names(there) + ", which " + model.name() + " has");
    }
    Set<OnnxOutput> missing = EnumSet.copyOf(outputs);
    missing.removeAll(there);
    if (!missing.isEmpty()) {
      throw new InvalidInputException(
          "outputs: "
              + names(missing)
              + " of "
              + model.name()
              + (model.isAutoencoder() ? ", an autoencoder," : ", a classifier,")
              + " must be of "
              + names(there));
    }
  }

  private static String names(Set<OnnxOutput> outputs) {
    return outputs.stream().map(OnnxOutput::text).collect(Collectors.joining(", "));
  }
}
