package dev.mlit.onnx;

import dev.mlit.spec.ModelSpec;
import java.util.List;

/**
 * From images to tokens: cut into patches, normalised, projected, the class token in front,
 * position embeddings added.
 */
final class Embedding {
  private final Ops ops;
  private final ModelSpec spec;

  Embedding(Ops model, ModelSpec spec) {
    this.ops = model;
    this.spec = spec;
  }

  /** All patches: [batch, height, width, channels] to [batch * tokens, embedding]. */
  Value apply(Value images) {
    Value projected = projected(patches(images), spec.patches());
    // The class token is a constant of the first place, as its position embedding is.
    Value classToken = ops.pad(ops.variable("class_token"), 3, 0, spec.patches());
    Value first = ops.add(ops.variable("position_embedding"), classToken);
    return rows(ops.add(ops.pad(projected, 3, 1, 0), first));
  }

  /**
   * The visible patches, each with the embedding of its position.
   *
   * @param visible of every image the numbers of the visible patches, [batch, visible]
   * @return [batch * (visible + 1), embedding]
   */
  Value applyToVisible(Value images, Value visible) {
    long count = spec.visiblePatches();
    Value patches = ops.reshape(patches(images), -1, spec.patches(), spec.patchValues());
    Value seen = ops.reshape(ops.gatherOfEach(patches, visible, count), -1, spec.patchValues());
    List<Value> positions = ops.split(ops.variable("position_embedding"), 1, 1, spec.patches());
    Value places =
        ops.gather(ops.reshape(positions.get(1), spec.patches(), spec.embedding()), visible);
    Value tokens = ops.pad(ops.add(projected(seen, count), places), 3, 1, 0);
    Value classToken = ops.add(ops.variable("class_token"), positions.get(0));
    return rows(ops.add(tokens, ops.pad(classToken, 3, 0, count)));
  }

  /** Patches row by row, inside a patch row, column, channel: [batch * N, values of a patch]. */
  private Value patches(Value images) {
    long patch = spec.patch();
    long channels = spec.image().channels();
    long rows = spec.image().height() / patch;
    long columns = spec.image().width() / patch;
    Value grid = ops.reshape(images, -1, rows, patch, columns, patch, channels);
    return ops.reshape(ops.transpose(grid, 0, 1, 3, 2, 4, 5), -1, spec.patchValues());
  }

  /** The tokens of so many patches of an image: [batch, count, embedding]. */
  private Value projected(Value patches, long count) {
    ModelSpec.Normalization normalization = spec.normalization();
    Value normal =
        ops.div(
            ops.sub(patches, perValue("mean", normalization.mean())),
            perValue("std", normalization.std()));
    return ops.reshape(ops.linear("patch_embedding", normal), -1, count, spec.embedding());
  }

  /** A number of every channel, for every value of a patch; one number if there is one only. */
  private Value perValue(String name, List<Double> ofChannels) {
    int count = ofChannels.size() == 1 ? 1 : spec.patchValues();
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = ofChannels.get(i % ofChannels.size()).floatValue();
    }
    return ops.graph().constant(name, values);
  }

  private Value rows(Value tokens) {
    return ops.reshape(tokens, -1, spec.embedding());
  }
}
