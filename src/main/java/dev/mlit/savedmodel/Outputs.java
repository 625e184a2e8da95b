package dev.mlit.savedmodel;

import dev.mlit.graph.InferenceGraph.Output;
import dev.mlit.graph.InferenceGraph.Value;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto.Dim;

/**
 * What a classifier computes, by the names that the signatures of a SavedModel give.
 *
 * @param probabilities [batch, classes]
 * @param logits [batch, classes]
 * @param features [batch, embedding]
 */
record Outputs(Output probabilities, Output logits, Output features) {

  /**
   * Finds the outputs.
   *
   * @param spec the model that the signatures must be of
   * @param problems gets everything that is wrong
   * @return null if there is anything wrong
   */
  static @Nullable Outputs find(MetaGraphDef model, ModelSpec spec, List<String> problems) {
    Output probabilities =
        find(model, spec, "serving_default", "probabilities", spec.classes(), problems);
    Output logits = find(model, spec, "serving_default", "logits", spec.classes(), problems);
    Output features = find(model, spec, "features", "features", spec.embedding(), problems);
    return probabilities == null || logits == null || features == null
        ? null
        : new Outputs(probabilities, logits, features);
  }

  private static @Nullable Output find(
      MetaGraphDef model,
      ModelSpec spec,
      String name,
      String output,
      int values,
      List<String> problems) {
    SignatureDef signature = model.getSignatureDefMap().get(name);
    if (signature == null) {
      problems.add("has no signature " + name);
      return null;
    }
    TensorInfo images = signature.getInputsMap().get("images");
    TensorInfo computed = signature.getOutputsMap().get(output);
    if (images == null || computed == null) {
      problems.add("signature " + name + " must have images and " + output);
      return null;
    }
    ImageShape size = spec.image();
    List<String> wrong = new ArrayList<>();
    wrong.addAll(misfit(name + ".images", images, size.height(), size.width(), size.channels()));
    wrong.addAll(misfit(name + "." + output, computed, values));
    problems.addAll(wrong);
    return wrong.isEmpty()
        ? new Output(
            Value.valueOf(output.toUpperCase(Locale.ROOT)), images.getName(), computed.getName())
        : null;
  }

  private static List<String> misfit(String name, TensorInfo tensor, long... sizes) {
    if (SignatureCheck.fits(tensor, sizes)) {
      return List.of();
    }
    List<Long> is = tensor.getTensorShape().getDimList().stream().map(Dim::getSize).toList();
    List<Long> must = new ArrayList<>(List.of(-1L));
    Arrays.stream(sizes).forEach(must::add);
    return List.of(
        "signature "
            + name
            + ": is "
            + tensor.getDtype()
            + " "
            + is
            + ", must be DT_FLOAT "
            + must
            + " for the model of spec.yaml");
  }

  /** Everything that may be asked for. */
  List<Output> all() {
    return List.of(probabilities, logits, features);
  }
}
