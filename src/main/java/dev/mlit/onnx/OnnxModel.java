package dev.mlit.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import dev.mlit.tensorflow.Versions;
import dev.mlit.weights.Weights;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The model that an ONNX file holds: the graph, and what a program should know of it. */
final class OnnxModel {
  /** {@link OnnxFile} knows its files by it. */
  private static final String PRODUCER = "mlit";

  private static final long IR_VERSION = 8;

  /** The first with LayerNormalization. */
  private static final long OPERATOR_SET = 17;

  private final ModelSpec spec;
  private final Set<OnnxOutput> outputs;
  private final Graph graph;

  private OnnxModel(ModelSpec spec, Set<OnnxOutput> outputs, Weights weights) {
    this.spec = spec;
    this.outputs = outputs;
    this.graph = new Graph(spec.name(), weights);
  }

  /**
   * A model.
   *
   * @param labels the names of the classes; empty for an autoencoder
   */
  static ModelProto of(
      ModelSpec spec, Weights weights, List<String> labels, Set<OnnxOutput> outputs) {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName(PRODUCER)
            .setProducerVersion(Versions.ofMlit())
            .setGraph(new OnnxModel(spec, outputs, weights).graph())
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPERATOR_SET))
            .addMetadataProps(entry("spec", Specs.yaml(spec)))
            .addMetadataProps(entry("preprocess", preprocess(spec)));
    if (!spec.isAutoencoder()) {
      model.addMetadataProps(entry("labels", String.join("\n", labels)));
    }
    return model.build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private static String preprocess(ModelSpec spec) {
    return String.format(
        Locale.ROOT,
        "images: float32 [batch, %d, %d, %d] in [0, 1], %s, byte / 255. A picture of another size"
            + " is resized to this one as a whole, bilinear with antialiasing, as Pillow does, and"
            + " rounded to bytes%s. Mean and standard deviation are in the graph.%s",
        spec.image().height(),
        spec.image().width(),
        spec.image().channels(),
        spec.image().channels() == 1 ? "gray" : "RGB",
        spec.image().orientation() == ImageShape.Orientation.EXIF
            ? "; before that it is turned upright by its EXIF record"
            : "",
        spec.isAutoencoder()
            ? String.format(
                Locale.ROOT,
                " noise: float32 [batch, %d], random; the %d patches with the smallest stay"
                    + " visible.",
                spec.patches(),
                spec.visiblePatches())
            : "");
  }

  private GraphProto graph() {
    Ops ops = graph.root();
    Value images =
        graph.input("images", spec.image().height(), spec.image().width(), spec.image().channels());
    Encoder encoder = new Encoder(ops, spec);
    ModelSpec.Decoder decoder = spec.decoder();
    if (decoder == null) {
      classify(ops, encoder.apply(images, outputs.contains(OnnxOutput.TOKENS)));
      return graph.build();
    }
    if (outputs.contains(OnnxOutput.FEATURES) || outputs.contains(OnnxOutput.TOKENS)) {
      encode(encoder.apply(images, outputs.contains(OnnxOutput.TOKENS)));
    }
    if (outputs.contains(OnnxOutput.PATCHES) || outputs.contains(OnnxOutput.MASK)) {
      reconstruct(ops, encoder, decoder, images);
    }
    return graph.build();
  }

  private void classify(Ops ops, Encoder.Encoded encoded) {
    boolean probabilities = outputs.contains(OnnxOutput.PROBABILITIES);
    if (probabilities || outputs.contains(OnnxOutput.LOGITS)) {
      Value logits = ops.linear("head", encoded.features());
      output(OnnxOutput.LOGITS, logits, spec.classes());
      if (probabilities) {
        output(OnnxOutput.PROBABILITIES, ops.softmax(logits), spec.classes());
      }
    }
    encode(encoded);
  }

  private void encode(Encoder.Encoded encoded) {
    output(OnnxOutput.FEATURES, encoded.features(), spec.embedding());
    output(OnnxOutput.TOKENS, encoded.tokens(), spec.tokens(), spec.embedding());
  }

  private void reconstruct(Ops ops, Encoder encoder, ModelSpec.Decoder decoder, Value images) {
    Masking masking = new Masking(ops, spec, graph.input("noise", spec.patches()));
    if (outputs.contains(OnnxOutput.PATCHES)) {
      Value encoded = encoder.applyToVisible(images, masking.visible());
      output(
          OnnxOutput.PATCHES,
          new Decoder(ops, spec, decoder).apply(encoded, masking),
          spec.patches(),
          spec.patchValues());
    }
    if (outputs.contains(OnnxOutput.MASK)) {
      output(OnnxOutput.MASK, masking.hidden(), spec.patches());
    }
  }

  /** Adds an output if it is asked for, in which case there is a value. */
  private void output(OnnxOutput output, @Nullable Value value, long... sizes) {
    if (outputs.contains(output)) {
      graph.output(output.text(), Objects.requireNonNull(value), sizes);
    }
  }
}
