package dev.mlit.model;

import dev.mlit.cluster.AllReduce;
import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.tensorflow.FloatOps;
import dev.mlit.weights.Layer;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.math.Equal;
import org.tensorflow.op.nn.SoftmaxCrossEntropyWithLogits;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The model of a {@link ModelSpec} in a TensorFlow graph, for classification.
 *
 * <p>Its variables are made once; {@link #infer} and {@link #train} may then be called in any
 * order, each adding a forward pass over the same variables.
 *
 * @since 0.1.0
 */
public final class VisionTransformer {
  private final ModelSpec spec;
  private final FloatOps calc;
  private final Layer layer;
  private final Encoder encoder;
  private final Linear head;

  /** As below, with {@link CompileOptions#ofMachine()}. */
  public VisionTransformer(Graph graph, ModelSpec spec, Variables variables) {
    this(graph, spec, variables, CompileOptions.ofMachine());
  }

  /**
   * Makes the model's variables in the graph.
   *
   * @param options that its operations are chosen by
   * @throws IllegalArgumentException if the spec is that of an autoencoder
   */
  public VisionTransformer(
      Graph graph, ModelSpec spec, Variables variables, CompileOptions options) {
    this(Layer.root(graph, variables, options), spec);
  }

  private VisionTransformer(Layer layer, ModelSpec spec) {
    if (spec.isAutoencoder()) {
      throw new IllegalArgumentException(spec.name() + " has no classes");
    }
    this.spec = spec;
    this.layer = layer;
    this.encoder = new Encoder(layer, spec);
    Layer top = layer.child("head");
    this.calc = top.calc();
    this.head = new Linear(top, spec.embedding(), spec.classes());
  }

  /** The model's description. */
  public ModelSpec spec() {
    return spec;
  }

  /** The model's variables and those that were added to them. */
  public Variables variables() {
    return layer.variables();
  }

  /** The same model with the same variables, its operations chosen by other options. */
  public VisionTransformer with(CompileOptions options) {
    return new VisionTransformer(layer.with(options), spec);
  }

  /**
   * The model's outputs for images.
   *
   * @param logits [batch, classes]
   * @param probabilities [batch, classes], the softmax of the logits
   * @param features [batch, embedding]
   * @param tokens [batch, tokens, embedding] after the final norm, the class token first
   * @param routing what the gates did; see {@link RouterLoad#parse}
   */
  public record Inference(
      Operand<TFloat32> logits,
      Operand<TFloat32> probabilities,
      Operand<TFloat32> features,
      Operand<TFloat32> tokens,
      Operand<TFloat32> routing) {}

  /**
   * Adds a forward pass without gate noise.
   *
   * @param images [batch, height, width, channels] in [0, 1]
   */
  public Inference infer(Operand<TFloat32> images) {
    Encoder.Inferred encoded = encoder.infer(images);
    Operand<TFloat32> logits = head.apply(encoded.features()).value();
    return new Inference(
        logits,
        calc.softmax(logits),
        encoded.features(),
        encoded.tokens(),
        RouterLoad.measure(calc, encoded.gates()));
  }

  /**
   * The model's outputs for images that most callers need; see {@link Inference} for all.
   *
   * @param logits [batch, classes]
   * @param probabilities [batch, classes]
   * @param features [batch, embedding]
   */
  record Classes(
      Operand<TFloat32> logits, Operand<TFloat32> probabilities, Operand<TFloat32> features) {}

  /**
   * Adds a forward pass for one image at a time: the same as {@link #infer}, but for rounding, its
   * tokens shared out among threads.
   *
   * @param images [batch, height, width, channels] in [0, 1]
   * @param count parts of the tokens to compute side by side
   */
  Classes inferInParts(Operand<TFloat32> images, int count) {
    Operand<TFloat32> features = encoder.inferInParts(images, count);
    Operand<TFloat32> logits = head.apply(features).value();
    return new Classes(logits, calc.softmax(logits), features);
  }

  /**
   * The loss of a batch, its parts, and its gradients.
   *
   * @param logits [batch, classes]
   * @param taskLoss mean cross-entropy, a scalar
   * @param balanceLoss the balance losses of all blocks, a scalar
   * @param loss the sum of both
   * @param hits images that are classified correctly, a scalar; of an image of several classes, the
   *     class with the largest share counts
   * @param routing what the gates did; see {@link RouterLoad#parse}
   * @param gradients the gradient of the loss at every variable; where several workers share the
   *     batch, what this one's images add to it, while all else is of the whole batch
   */
  public record Training(
      Operand<TFloat32> logits,
      Operand<TFloat32> taskLoss,
      Operand<TFloat32> balanceLoss,
      Operand<TFloat32> loss,
      Operand<TFloat32> hits,
      Operand<TFloat32> routing,
      Map<Variable, Operand<TFloat32>> gradients) {}

  /** As {@link #train(Operand, Operand, GateNoise, int)}, in one lane. */
  public Training train(Operand<TFloat32> images, Operand<TInt32> labels, GateNoise noise) {
    return train(images, labels, noise, 1);
  }

  /**
   * Adds a forward pass with gate noise, the loss, and the backward pass.
   *
   * @param images [batch, height, width, channels] in [0, 1]
   * @param labels [batch], the classes
   * @param count parts of the batch to compute side by side; any number gives the same, but for
   *     rounding
   */
  public Training train(
      Operand<TFloat32> images, Operand<TInt32> labels, GateNoise noise, int count) {
    Ops tf = calc.tf();
    Operand<TFloat32> targets =
        tf.oneHot(labels, tf.constant(spec.classes()), tf.constant(1f), tf.constant(0f));
    return trainTowards(images, targets, noise, Drops.NONE, count);
  }

  /** As below, all patches kept, for a single worker. */
  public Training trainTowards(
      Operand<TFloat32> images,
      Operand<TFloat32> targets,
      GateNoise noise,
      Drops drops,
      int count) {
    return trainTowards(images, targets, PatchDropout.NONE, noise, drops, count, AllReduce.ALONE);
  }

  /**
   * As {@link #train(Operand, Operand, GateNoise, int)}, for images that are of more than one class
   * each: smoothed labels, mixed images.
   *
   * @param targets [batch, classes], the shares of the classes; every row adds up to 1
   * @param patchDropout the patches that are left out
   * @param drops what is dropped in the blocks
   * @param workers those that share the batch, each with other images of it
   */
  public Training trainTowards(
      Operand<TFloat32> images,
      Operand<TFloat32> targets,
      PatchDropout patchDropout,
      GateNoise noise,
      Drops drops,
      int count,
      AllReduce workers) {
    Lanes lanes = new Lanes(calc, calc.rows(targets), count);
    int kept = patchDropout.kept(spec.patches());
    List<BalanceLosses> balances = encoder.balances();
    List<Operand<TFloat32>> parts = lanes.split(images, 1);
    List<@Nullable Masking> maskings = patchDropout.maskings(calc, lanes, spec.patches());
    List<GateNoise> noises = lanes.split(noise, kept + 1);
    List<List<Drops.OfBlock>> dropped = encoder.drops(drops, lanes, kept);
    List<Blocks.Trained> passes = new ArrayList<>();
    for (int lane = 0; lane < count; lane++) {
      Blocks.Trained features =
          encoder.train(
              parts.get(lane), maskings.get(lane), noises.get(lane), dropped.get(lane), balances);
      Activation logits = head.apply(features.activation().value());
      passes.add(
          new Blocks.Trained(
              Activation.chain(List.of(features.activation(), logits)), features.gates()));
    }

    Operand<TFloat32> logits =
        lanes.join(passes.stream().map(pass -> pass.activation().value()).toList());
    SoftmaxCrossEntropyWithLogits<TFloat32> entropy =
        calc.tf().nn.softmaxCrossEntropyWithLogits(logits, targets);
    BatchTotals totals =
        new BatchTotals(
            calc, lanes, workers, balances, passes.stream().map(Blocks.Trained::gates).toList());
    Supplier<Operand<TFloat32>> losses = totals.add(calc.sum(entropy.loss(), 0));
    Supplier<Operand<TFloat32>> hits = totals.add(hits(logits, targets));
    Supplier<Operand<TFloat32>> routing = totals.addRouting(spec.experts(), kept + 1);

    Operand<TFloat32> batch = totals.images();
    Operand<TFloat32> taskLoss = calc.div(losses.get(), batch);
    Operand<TFloat32> balanceLoss = totals.balanceLoss();
    List<Operand<TFloat32>> upstreams = lanes.split(calc.div(entropy.backprop(), batch), 1);
    List<Activation> activations = passes.stream().map(Blocks.Trained::activation).toList();
    Map<Variable, Operand<TFloat32>> gradients =
        VariableGradients.sum(calc, activations, upstreams).all();
    return new Training(
        logits,
        taskLoss,
        balanceLoss,
        calc.add(taskLoss, balanceLoss),
        hits.get(),
        routing.get(),
        gradients);
  }

  /** The number of rows whose largest values are in the same place. */
  private Operand<TFloat32> hits(Operand<TFloat32> logits, Operand<TFloat32> targets) {
    Ops tf = calc.tf();
    Operand<TInt32> predicted = tf.math.argMax(logits, tf.constant(1), TInt32.class);
    Operand<TInt32> right = tf.math.argMax(targets, tf.constant(1), TInt32.class);
    Operand<TBool> equal = tf.math.equal(predicted, right, new Equal.Options[0]);
    return calc.sum(tf.dtypes.cast(equal, TFloat32.class), 0);
  }
}
