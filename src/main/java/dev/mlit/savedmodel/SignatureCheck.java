package dev.mlit.savedmodel;

import dev.mlit.model.InferenceGraph;
import dev.mlit.model.InferenceGraph.Value;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.text.Printable;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.tensorflow.Tensors;
import dev.mlit.weights.SavedModelFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;

/**
 * Checks whether an imported model computes the same as the SavedModel that its weights came from:
 * only then does the model consist of its weights only.
 */
final class SignatureCheck {
  private static final Logger LOG = LoggerFactory.getLogger(SignatureCheck.class);
  private static final int IMAGES = 8;
  private static final double TOLERANCE = 1e-3;

  private SignatureCheck() {}

  /** The tensors of the file from images to logits or probabilities. */
  private record Question(String images, String values, boolean logits) {}

  /**
   * What the comparison of random images gave.
   *
   * @param difference the largest difference of a logit, or of a probability where the file gives
   *     those; of the median image
   * @param same whether the models are the same, but for rounding
   */
  record Comparison(double difference, boolean same) {}

  /**
   * Compares random images. This runs the graph of the file, which may do anything that a program
   * may.
   *
   * @return empty if the file has no signature from images of this size to logits or probabilities
   *     of these classes, or TensorFlow Java cannot run it
   */
  static Optional<Comparison> compare(Path savedModel, ModelSpec spec, InferenceGraph imported) {
    Optional<Question> question = question(SavedModelFile.read(savedModel), spec);
    if (question.isEmpty()) {
      return Optional.empty();
    }
    float[] images = images(spec.image());
    try (SavedModelBundle bundle =
        SavedModelBundle.loader(savedModel.toString())
            .withTags("serve")
            .withConfigProto(Sessions.configToRunOnce(0))
            .load()) {
      float[] theirs = ask(bundle, question.get(), images, spec.image());
      Comparison logits = compare(theirs, imported.run(Value.LOGITS, images, IMAGES));
      if (logits.same || question.get().logits) {
        return Optional.of(logits);
      }
      Comparison probabilities = compare(theirs, imported.run(Value.PROBABILITIES, images, IMAGES));
      return Optional.of(probabilities.same ? probabilities : logits);
    } catch (TensorFlowException e) {
      LOG.warn(
          "{} cannot be run here, its answers are not compared: {}",
          savedModel,
          Printable.line(e.toString()));
      return Optional.empty();
    }
  }

  /** The signature and output to compare: one with the expected name, or the only possible one. */
  private static Optional<Question> question(MetaGraphDef file, ModelSpec spec) {
    for (String name : List.of("serving_default", "serve")) {
      SignatureDef signature = file.getSignatureDefMap().get(name);
      if (signature == null || signature.getInputsCount() != 1) {
        continue;
      }
      TensorInfo input = signature.getInputsMap().values().iterator().next();
      ImageShape image = spec.image();
      if (!fits(input, image.height(), image.width(), image.channels())) {
        continue;
      }
      Map<String, TensorInfo> outputs = signature.getOutputsMap();
      TensorInfo logits = outputs.get("logits");
      boolean named = logits != null;
      TensorInfo output =
          logits == null && outputs.size() == 1 ? outputs.values().iterator().next() : logits;
      if (output != null && (named || fits(output, spec.classes()))) {
        return Optional.of(new Question(input.getName(), output.getName(), named));
      }
    }
    return Optional.empty();
  }

  /** True for float32 of a free batch size and these sizes; a size that is not known fits. */
  static boolean fits(TensorInfo tensor, long... sizesAfterBatch) {
    TensorShapeProto shape = tensor.getTensorShape();
    if (tensor.getDtype() != DataType.DT_FLOAT) {
      return false;
    }
    if (shape.getUnknownRank()) {
      return true;
    }
    if (shape.getDimCount() != sizesAfterBatch.length + 1 || shape.getDim(0).getSize() != -1) {
      return false;
    }
    for (int i = 0; i < sizesAfterBatch.length; i++) {
      long size = shape.getDim(i + 1).getSize();
      if (size != -1 && size != sizesAfterBatch[i]) {
        return false;
      }
    }
    return true;
  }

  private static float[] images(ImageShape shape) {
    float[] images = new float[IMAGES * shape.values()];
    Random random = new Random(1);
    for (int i = 0; i < images.length; i++) {
      images[i] = random.nextFloat();
    }
    return images;
  }

  private static float[] ask(
      SavedModelBundle bundle, Question question, float[] images, ImageShape image) {
    Shape shape = Shape.of(IMAGES, image.height(), image.width(), image.channels());
    try (TFloat32 input = TFloat32.tensorOf(shape, DataBuffers.of(images));
        Result result =
            bundle.session().runner().feed(question.images, input).fetch(question.values).run()) {
      return Tensors.floats((TFloat32) result.get(0));
    }
  }

  /**
   * Of most images, not of all: where two experts are as good as equal for a token, rounding
   * decides, and that image gets other values.
   */
  private static Comparison compare(float[] theirs, float[] ours) {
    if (theirs.length != ours.length) {
      return new Comparison(Double.POSITIVE_INFINITY, false);
    }
    int each = ours.length / IMAGES;
    double[] largest = new double[IMAGES];
    double scale = 1;
    for (int i = 0; i < ours.length; i++) {
      // NaN where one of them is: no comparison holds then.
      largest[i / each] = Math.max(largest[i / each], Math.abs((double) theirs[i] - ours[i]));
      scale = Math.max(scale, Math.abs(ours[i]));
    }
    Arrays.sort(largest);
    double median = largest[IMAGES / 2];
    return new Comparison(median, median <= TOLERANCE * scale);
  }
}
