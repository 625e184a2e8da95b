package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.FloatOps;
import dev.mlit.weights.Initializer;
import dev.mlit.weights.Layer;
import dev.mlit.weights.Variable;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * From images to tokens: normalised, cut into patches, projected, the class token in front,
 * position embeddings added.
 */
final class Embedding {
  private final FloatOps calc;
  private final ModelSpec spec;
  private final Linear projection;
  private final Variable classToken;
  private final Variable position;

  Embedding(Layer model, ModelSpec spec) {
    this.calc = model.child("embedding").calc();
    this.spec = spec;
    long width = spec.embedding();
    this.projection = new Linear(model.child("patch_embedding"), spec.patchValues(), width);
    this.classToken = model.variable("class_token", Initializer.NORMAL, false, 1, 1, width);
    this.position =
        model.variable("position_embedding", Initializer.NORMAL, false, 1, spec.tokens(), width);
  }

  /**
   * Embeds images.
   *
   * @param images [batch, height, width, channels] in [0, 1]
   * @return [batch * tokens, embedding]; there is no gradient at the images
   */
  Activation apply(Operand<TFloat32> images) {
    int patches = spec.patches();
    int width = spec.embedding();
    Ops tf = calc.tf();
    Operand<TInt32> batch =
        tf.slice(tf.shape(images), tf.constant(new int[] {0}), tf.constant(new int[] {1}));
    Activation projected = projection.apply(patches(images));
    Operand<TFloat32> patchTokens = calc.reshape(projected.value(), -1, patches, width);
    Operand<TFloat32> tokens =
        calc.add(calc.concat(1, List.of(classTokens(batch), patchTokens)), position.value());
    return new Activation(
        calc.reshape(tokens, -1, width),
        (dy, gradients) -> {
          Operand<TFloat32> dtokens = calc.reshape(dy, -1, spec.tokens(), width);
          Operand<TFloat32> dposition = calc.sum(dtokens, 0);
          gradients.set(position, calc.reshape(dposition, 1, spec.tokens(), width));
          // The class token is added where the first position embedding is.
          gradients.set(
              classToken, calc.reshape(calc.split(dposition, 0, 1, patches).get(0), 1, 1, width));
          Operand<TFloat32> dpatches = calc.split(dtokens, 1, 1, patches).get(1);
          return projected.backward().apply(calc.reshape(dpatches, -1, width), gradients);
        });
  }

  /**
   * Embeds the visible patches of images, each at its own position.
   *
   * @param patches of all images, as {@link #patches} gives them
   * @return [batch * (visible + 1), embedding], the class token of every image first; there is no
   *     gradient at the patches
   */
  Activation applyToVisible(Operand<TFloat32> patches, Masking masking) {
    int visible = masking.visible();
    int width = spec.embedding();
    Ops tf = calc.tf();
    Activation projected = projection.apply(masking.visiblePatches(patches));
    Operand<TFloat32> patchTokens = calc.reshape(projected.value(), -1, visible, width);
    Operand<TFloat32> tokens = calc.concat(1, List.of(classTokens(masking.batch()), patchTokens));
    Operand<TInt32> numbers = masking.positions();
    Operand<TFloat32> positions =
        tf.gather(calc.reshape(position.value(), spec.tokens(), width), numbers, tf.constant(0));
    return new Activation(
        calc.add(calc.reshape(tokens, -1, width), positions),
        (dy, gradients) -> {
          Operand<TFloat32> dposition =
              tf.math.unsortedSegmentSum(dy, numbers, tf.constant(spec.tokens()));
          gradients.set(position, calc.reshape(dposition, 1, spec.tokens(), width));
          // The class token is added where the first position embedding is.
          gradients.set(
              classToken,
              calc.reshape(calc.split(dposition, 0, 1, spec.patches()).get(0), 1, 1, width));
          Operand<TFloat32> dtokens = calc.reshape(dy, -1, visible + 1, width);
          Operand<TFloat32> dpatches = calc.split(dtokens, 1, 1, visible).get(1);
          return projected.backward().apply(calc.reshape(dpatches, -1, width), gradients);
        });
  }

  /** Normalised patches, row by row, inside a patch row, column, channel: [batch * N, values]. */
  Operand<TFloat32> patches(Operand<TFloat32> images) {
    int patch = spec.patch();
    int channels = spec.image().channels();
    Operand<TFloat32> normal =
        calc.div(
            calc.sub(images, perChannel(spec.normalization().mean())),
            perChannel(spec.normalization().std()));
    int rows = spec.image().height() / patch;
    int columns = spec.image().width() / patch;
    Operand<TFloat32> grid = calc.reshape(normal, -1, rows, patch, columns, patch, channels);
    return calc.reshape(calc.transpose(grid, 0, 1, 3, 2, 4, 5), -1, spec.patchValues());
  }

  private Operand<TFloat32> perChannel(List<Double> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i).floatValue();
    }
    return calc.tf().constant(floats);
  }

  /** The class token once for every image: [batch, 1, embedding]. */
  private Operand<TFloat32> classTokens(Operand<TInt32> batch) {
    Ops tf = calc.tf();
    Operand<TInt32> shape =
        tf.concat(List.of(batch, tf.constant(new int[] {1, spec.embedding()})), tf.constant(0));
    return tf.broadcastTo(classToken.value(), shape);
  }
}
