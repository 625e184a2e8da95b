package dev.mlit.graph;

import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.ModelSpec.Pooling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.SoftmaxCrossEntropyWithLogits;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The model of a {@link ModelSpec} in a TensorFlow graph, for classification.
 *
 * <p>Its variables are made once; {@link #infer} and {@link #train} may then be called in any
 * order, each adding a forward pass over the same variables.
 */
public final class VisionTransformer {
  private final ModelSpec spec;
  private final Calc calc;
  private final Variables variables;
  private final Embedding embedding;
  private final List<Block> blocks = new ArrayList<>();
  private final LayerNorm norm;
  private final Linear head;

  /** Makes the model's variables in the graph. */
  public VisionTransformer(Graph graph, ModelSpec spec, Variables variables) {
    this.spec = spec;
    this.variables = variables;
    Layer model = Layer.root(graph, variables);
    this.embedding = new Embedding(model, spec);
    Layer encoder = model.child("encoder");
    for (int i = 0; i < spec.layers(); i++) {
      blocks.add(
          new Block(
              encoder.child("block_" + i),
              i,
              spec.embedding(),
              spec.attention(),
              spec.experts().get(i),
              spec.hiddenWidths().get(i),
              spec.routing()));
    }
    this.norm = new LayerNorm(encoder.child("norm"), spec.embedding());
    Layer top = model.child("head");
    this.calc = top.calc();
    this.head = new Linear(top, spec.embedding(), spec.classes());
  }

  /** The model's description. */
  public ModelSpec spec() {
    return spec;
  }

  /** The model's variables and those that were added to them. */
  public Variables variables() {
    return variables;
  }

  /**
   * What the model says of images.
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
    Operand<TFloat32> x = embedding.apply(images).value();
    Operand<TFloat32> beforeLast = x;
    List<Operand<TFloat32>> gates = new ArrayList<>();
    for (Block block : blocks) {
      beforeLast = x;
      Moe.Inferred inferred = block.apply(x, spec.tokens());
      x = inferred.value();
      gates.add(inferred.gates());
    }
    Operand<TFloat32> tokens =
        calc.reshape(norm.apply(x).value(), -1, spec.tokens(), spec.embedding());
    // The class token needs no other of the last block; that is computed only for who asks for it.
    Operand<TFloat32> features =
        features(readsClassToken() ? last().applyToFirst(beforeLast, spec.tokens()) : x).value();
    Operand<TFloat32> logits = head.apply(features).value();
    return new Inference(
        logits, calc.softmax(logits), features, tokens, RouterLoad.measure(calc, gates));
  }

  /**
   * What the model says of images, without what only few ask for; see {@link Inference}.
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
    int width = spec.embedding();
    TokenLanes lanes = new TokenLanes(calc, spec.tokens(), count);
    List<Operand<TFloat32>> xs = lanes.split(embedding.apply(images).value(), width);
    for (Block block : blocks.subList(0, blocks.size() - 1)) {
      xs = block.apply(xs, lanes);
    }
    Operand<TFloat32> read =
        readsClassToken()
            ? last().applyToFirst(xs, lanes)
            : lanes.join(last().apply(xs, lanes), width);
    Operand<TFloat32> features = features(read).value();
    Operand<TFloat32> logits = head.apply(features).value();
    return new Classes(logits, calc.softmax(logits), features);
  }

  private Block last() {
    return blocks.get(blocks.size() - 1);
  }

  /**
   * The loss of a batch, its parts, and its gradients.
   *
   * @param logits [batch, classes]
   * @param taskLoss mean cross-entropy, a scalar
   * @param balanceLoss the balance losses of all blocks, a scalar
   * @param loss the sum of both
   * @param routing what the gates did; see {@link RouterLoad#parse}
   * @param gradients the gradient of the loss at every variable
   */
  public record Training(
      Operand<TFloat32> logits,
      Operand<TFloat32> taskLoss,
      Operand<TFloat32> balanceLoss,
      Operand<TFloat32> loss,
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

  /**
   * As {@link #train(Operand, Operand, GateNoise, int)}, for images that are of more than one class
   * each: smoothed labels, mixed images.
   *
   * @param targets [batch, classes], the shares of the classes; every row adds up to 1
   * @param drops what is dropped in the blocks
   */
  public Training trainTowards(
      Operand<TFloat32> images,
      Operand<TFloat32> targets,
      GateNoise noise,
      Drops drops,
      int count) {
    Ops tf = calc.tf();
    Operand<TInt32> size = tf.gather(tf.shape(targets), tf.constant(0), tf.constant(0));
    Lanes lanes = new Lanes(calc, size, count);
    List<Balances> balances = blocks.stream().map(Block::balances).toList();
    List<Operand<TFloat32>> parts = lanes.split(images, 1);
    List<GateNoise> noises = lanes.split(noise, spec.tokens());
    List<List<Drops.OfBlock>> dropped = dropped(drops, lanes);
    List<Forward> passes = new ArrayList<>();
    for (int lane = 0; lane < count; lane++) {
      int own = lane;
      passes.add(
          forward(
              parts.get(lane),
              noises.get(lane),
              dropped.stream().map(block -> block.get(own)).toList(),
              balances));
    }

    Operand<TFloat32> logits = lanes.join(passes.stream().map(Forward::logits).toList());
    SoftmaxCrossEntropyWithLogits<TFloat32> entropy =
        tf.nn.softmaxCrossEntropyWithLogits(logits, targets);
    Operand<TFloat32> taskLoss = tf.math.mean(entropy.loss(), tf.constant(0));
    Operand<TFloat32> balanceLoss = calc.addAll(balances.stream().map(Balances::loss).toList());

    Operand<TFloat32> batch = tf.dtypes.cast(size, TFloat32.class);
    List<Operand<TFloat32>> upstreams = lanes.split(calc.div(entropy.backprop(), batch), 1);
    List<VariableGradients> gradients = new ArrayList<>();
    for (int lane = 0; lane < count; lane++) {
      gradients.add(passes.get(lane).backward(upstreams.get(lane)));
    }

    List<Operand<TFloat32>> gates = new ArrayList<>();
    for (int block = 0; block < blocks.size(); block++) {
      int own = block;
      gates.add(lanes.join(passes.stream().map(pass -> pass.gates.get(own)).toList()));
    }
    return new Training(
        logits,
        taskLoss,
        balanceLoss,
        calc.add(taskLoss, balanceLoss),
        RouterLoad.measure(calc, gates),
        VariableGradients.sum(calc, gradients).all());
  }

  /** What one lane computed: its layers from the images to the logits, and the gates by block. */
  private record Forward(List<Activation> layers, List<Operand<TFloat32>> gates) {
    Operand<TFloat32> logits() {
      return layers.get(layers.size() - 1).value();
    }

    VariableGradients backward(Operand<TFloat32> dlogits) {
      VariableGradients gradients = new VariableGradients();
      Operand<TFloat32> upstream = dlogits;
      for (int i = layers.size() - 1; i >= 0; i--) {
        upstream = layers.get(i).backward().apply(upstream, gradients);
      }
      return gradients;
    }
  }

  /** What is dropped, block by block and lane by lane. */
  private List<List<Drops.OfBlock>> dropped(Drops drops, Lanes lanes) {
    List<List<Drops.OfBlock>> dropped = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      int expertRows = blocks.get(i) == last() && readsClassToken() ? 1 : spec.tokens();
      dropped.add(
          drops.ofBlock(
              calc, lanes, i, blocks.size(), spec.tokens(), expertRows, spec.embedding()));
    }
    return dropped;
  }

  private Forward forward(
      Operand<TFloat32> images,
      GateNoise noise,
      List<Drops.OfBlock> drops,
      List<Balances> balances) {
    List<Activation> layers = new ArrayList<>();
    List<Operand<TFloat32>> gates = new ArrayList<>();
    Activation last = embedding.apply(images);
    layers.add(last);
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      Block.Trained trained =
          block == last() && readsClassToken()
              ? block.applyToFirst(
                  last.value(), spec.tokens(), noise, drops.get(i), balances.get(i))
              : block.apply(last.value(), spec.tokens(), noise, drops.get(i), balances.get(i));
      last = trained.activation();
      layers.add(last);
      gates.add(trained.gates());
    }
    Activation features = features(last.value());
    layers.add(features);
    layers.add(head.apply(features.value()));
    return new Forward(layers, gates);
  }

  /**
   * The final norm and pooling.
   *
   * @param x what of the last block is read: [batch, embedding], the class tokens; or all tokens,
   *     [batch * tokens, embedding]
   * @return [batch, embedding]
   */
  private Activation features(Operand<TFloat32> x) {
    Activation normed = norm.apply(x);
    if (readsClassToken()) {
      return normed;
    }
    int patches = spec.patches();
    int width = spec.embedding();
    Ops tf = calc.tf();
    Operand<TFloat32> rest =
        calc.split(calc.reshape(normed.value(), -1, spec.tokens(), width), 1, 1, patches).get(1);
    return new Activation(
        calc.mul(calc.sum(rest, 1), 1.0 / patches),
        (dy, gradients) -> {
          Operand<TFloat32> each = calc.reshape(calc.mul(dy, 1.0 / patches), -1, 1, width);
          Operand<TInt32> times = tf.constant(new int[] {1, patches, 1});
          Operand<TInt32> before = tf.constant(new int[][] {{0, 0}, {1, 0}, {0, 0}});
          Operand<TFloat32> dnormed = tf.pad(tf.tile(each, times), before, calc.constant(0));
          return normed.backward().apply(calc.reshape(dnormed, -1, width), gradients);
        });
  }

  /** Whether the class token of the last block is all that is read of it. */
  private boolean readsClassToken() {
    return spec.pooling() == Pooling.CLASS_TOKEN;
  }
}
