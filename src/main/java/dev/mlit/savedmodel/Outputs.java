package dev.mlit.savedmodel;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto.Dim;

/** Checks that the signatures of a SavedModel are those of its description. */
final class Outputs {
  private Outputs() {}

  /** Everything in which the signatures are not those of the model. */
  static List<String> problems(MetaGraphDef file, ModelSpec spec) {
    List<String> problems = new ArrayList<>();
    find(file, spec, "serving_default", "probabilities", spec.classes(), problems);
    find(file, spec, "serving_default", "logits", spec.classes(), problems);
    find(file, spec, "features", "features", spec.embedding(), problems);
    return problems;
  }

  private static void find(
      MetaGraphDef file,
      ModelSpec spec,
      String name,
      String output,
      int values,
      List<String> problems) {
    SignatureDef signature = file.getSignatureDefMap().get(name);
    if (signature == null) {
      problems.add("has no signature " + name);
      return;
    }
    TensorInfo images = signature.getInputsMap().get("images");
    TensorInfo computed = signature.getOutputsMap().get(output);
    if (images == null || computed == null) {
      problems.add("signature " + name + " must have images and " + output);
      return;
    }
    ImageShape size = spec.image();
    problems.addAll(misfit(name + ".images", images, size.height(), size.width(), size.channels()));
    problems.addAll(misfit(name + "." + output, computed, values));
  }

  private static List<String> misfit(String name, TensorInfo tensor, long... sizes) {
    if (SignatureCheck.fits(tensor, sizes)) {
      return List.of();
    }
    List<Long> found = tensor.getTensorShape().getDimList().stream().map(Dim::getSize).toList();
    List<Long> expected = new ArrayList<>(List.of(-1L));
    Arrays.stream(sizes).forEach(expected::add);
    return List.of(
        "signature "
            + name
            + ": is "
            + tensor.getDtype()
            + " "
            + found
            + ", must be DT_FLOAT "
            + expected
            + " for the model of spec.yaml");
  }
}
