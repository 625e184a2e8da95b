package dev.mlit.train;

import dev.mlit.graph.GateNoise;
import dev.mlit.graph.RouterLoad;
import dev.mlit.graph.Sessions;
import dev.mlit.graph.Traces;
import dev.mlit.graph.Variable;
import dev.mlit.graph.Variables;
import dev.mlit.graph.VisionTransformer;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.Precision;
import dev.mlit.spec.RunSpec;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.math.Equal;
import org.tensorflow.proto.StepStats;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;

/** The compiled run: one graph that trains on a batch and evaluates one, and its session. */
final class TrainingGraph implements AutoCloseable {
  private final ImageShape image;
  private final int threads;
  private final Graph graph = new Graph();
  private final Session session;
  private final VisionTransformer model;
  private final Placeholder<TUint8> images;
  private final Placeholder<TInt32> labels;
  private final Placeholder<TInt64> step;
  private final Placeholder<TFloat32> rate;
  private final VisionTransformer.Training training;
  private final Operand<TInt32> trainingHits;
  private final AdamW optimizer;
  private final Operand<TInt32> hits;
  private final Operand<TFloat32> entropy;
  private final Operand<TFloat32> routing;

  static {
    Sessions.load();
  }

  /**
   * Compiles a run and gives the variables their first values.
   *
   * @throws dev.mlit.spec.InvalidInputException if {@code freeze} names no variable, or all of them
   */
  TrainingGraph(RunSpec run) {
    Sessions.load(run.training().threads());
    this.image = run.model().image();
    this.threads = run.training().threads();
    Ops tf = Ops.create(graph);
    this.images =
        tf.withName("images")
            .placeholder(
                TUint8.class,
                Placeholder.shape(
                    Shape.of(Shape.UNKNOWN_SIZE, image.height(), image.width(), image.channels())));
    this.labels =
        tf.withName("labels")
            .placeholder(TInt32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
    this.step = tf.withName("step").placeholder(TInt64.class, Placeholder.shape(Shape.scalar()));
    this.rate = tf.withName("rate").placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));

    Variables variables = Variables.random(graph, run.training().seed());
    this.model = new VisionTransformer(graph, run.model(), variables);
    Operand<TInt64> seed = tf.constant(run.training().seed());
    Operand<TFloat32> floats =
        tf.math.div(tf.dtypes.cast(images, TFloat32.class), tf.constant(255f));
    Operand<TFloat32> augmented = Augmentations.apply(tf, run.augmentation(), floats, seed, step);
    int lanes = Sessions.lanes(run.training().threads(), run.training().batch());
    variables.multiplyIn(run.training().precision());
    this.training = model.train(augmented, labels, GateNoise.stateless(seed, step), lanes);
    // What is tested is what is exported.
    variables.multiplyIn(Precision.FLOAT32);
    this.trainingHits = hits(tf, training.logits());
    this.optimizer = new AdamW(tf, run.optimizer(), variables, trained(run), step, rate);

    VisionTransformer.Inference inference = model.infer(floats);
    this.hits = hits(tf, inference.logits());
    this.entropy = entropy(tf, run, inference.logits());
    this.routing = inference.routing();
    this.session = Sessions.open(graph, run.training().threads());
    variables.initialize(session);
    optimize(lanes);
    variables.initialize(session);
  }

  /**
   * Has TensorFlow optimise the training graph, which it does at the first step: on as few images
   * as can be, so that the memory that this takes is free again before there are many.
   */
  private void optimize(int images) {
    train(new byte[images * image.values()], new int[images], 0, 0);
    Sessions.giveMemoryBack();
  }

  private Map<Variable, Operand<TFloat32>> trained(RunSpec run) {
    Map<Variable, Operand<TFloat32>> trained = new LinkedHashMap<>(training.gradients());
    trained.keySet().removeAll(Freezing.frozen(run.freeze(), model.variables().all()));
    return trained;
  }

  /** The number of images whose largest logit is their label's. */
  private Operand<TInt32> hits(Ops tf, Operand<TFloat32> logits) {
    Operand<TInt32> guesses = tf.math.argMax(logits, tf.constant(1), TInt32.class);
    Operand<TBool> equal = tf.math.equal(guesses, labels, new Equal.Options[0]);
    return tf.sum(tf.dtypes.cast(equal, TInt32.class), tf.constant(0));
  }

  /** The sum of the images' cross-entropies. */
  private Operand<TFloat32> entropy(Ops tf, RunSpec run, Operand<TFloat32> logits) {
    Operand<TFloat32> targets =
        tf.oneHot(labels, tf.constant(run.model().classes()), tf.constant(1f), tf.constant(0f));
    return tf.sum(tf.nn.softmaxCrossEntropyWithLogits(logits, targets).loss(), tf.constant(0));
  }

  /** The variables of the model and of the optimizer. */
  List<Variable> variables() {
    return model.variables().all();
  }

  VisionTransformer model() {
    return model;
  }

  Graph graph() {
    return graph;
  }

  Session session() {
    return session;
  }

  /**
   * What a step found.
   *
   * @param loss cross-entropy and balance losses
   * @param balanceLoss the balance losses alone
   * @param gradientNorm before clipping
   * @param hits images that were classified rightly
   * @param routing what the gates did, noise included
   */
  record Step(
      float loss, float balanceLoss, float gradientNorm, int hits, List<RouterLoad> routing) {}

  /**
   * Trains on one batch.
   *
   * @param pixels uint8 [labels.length, height, width, channels]
   * @param labels the classes
   * @param step the number of steps before this one
   * @param rate the learning rate
   */
  Step train(byte[] pixels, int[] labels, long step, double rate) {
    try (Inputs inputs = new Inputs(pixels, labels, step, rate);
        org.tensorflow.Result result = trainer(inputs).run()) {
      return new Step(
          ((TFloat32) result.get(0)).getFloat(),
          ((TFloat32) result.get(1)).getFloat(),
          ((TFloat32) result.get(2)).getFloat(),
          ((TInt32) result.get(3)).getInt(),
          RouterLoad.parse(model.spec(), (TFloat32) result.get(4)));
    }
  }

  /** Trains on one batch as {@link #train} does, and says what every operation took. */
  StepStats trace(byte[] pixels, int[] labels, long step, double rate) {
    try (Inputs inputs = new Inputs(pixels, labels, step, rate)) {
      return Traces.run(trainer(inputs));
    }
  }

  private Session.Runner trainer(Inputs inputs) {
    Session.Runner runner =
        session
            .runner()
            .feed(images, inputs.images)
            .feed(labels, inputs.labels)
            .feed(step, inputs.step)
            .feed(rate, inputs.rate)
            .fetch(training.loss())
            .fetch(training.balanceLoss())
            .fetch(optimizer.gradientNorm())
            .fetch(trainingHits)
            .fetch(training.routing());
    for (Op update : optimizer.updates()) {
      runner.addTarget(update);
    }
    return runner;
  }

  /** What a training step is fed with. */
  private final class Inputs implements AutoCloseable {
    private final TUint8 images;
    private final TInt32 labels;
    private final TInt64 step;
    private final TFloat32 rate;

    Inputs(byte[] pixels, int[] labels, long step, double rate) {
      this.images = tensor(pixels, 0, labels.length);
      this.labels = TInt32.vectorOf(labels);
      this.step = TInt64.scalarOf(step);
      this.rate = TFloat32.scalarOf((float) rate);
    }

    @Override
    public void close() {
      images.close();
      labels.close();
      step.close();
      rate.close();
    }
  }

  /**
   * What some evaluated images add.
   *
   * @param images their number
   * @param hits images that were classified rightly
   * @param entropy the sum of the images' cross-entropies
   * @param routing what the gates did
   */
  record Evaluated(int images, int hits, float entropy, List<RouterLoad> routing) {}

  /** Evaluates one batch, part by part: no augmentation, no gate noise. */
  List<Evaluated> evaluate(byte[] pixels, int[] labels) {
    return Sessions.inParts(
        threads,
        labels.length,
        (first, count) ->
            evaluatePart(pixels, first, Arrays.copyOfRange(labels, first, first + count)));
  }

  private Evaluated evaluatePart(byte[] pixels, int first, int[] labels) {
    try (TUint8 images = tensor(pixels, first, labels.length);
        TInt32 classes = TInt32.vectorOf(labels);
        org.tensorflow.Result result =
            session
                .runner()
                .setOptions(Sessions.onCallingThread())
                .feed(this.images, images)
                .feed(this.labels, classes)
                .fetch(hits)
                .fetch(entropy)
                .fetch(routing)
                .run()) {
      return new Evaluated(
          labels.length,
          ((TInt32) result.get(0)).getInt(),
          ((TFloat32) result.get(1)).getFloat(),
          RouterLoad.parse(model.spec(), (TFloat32) result.get(2)));
    }
  }

  private TUint8 tensor(byte[] pixels, int first, int count) {
    Shape shape = Shape.of(count, image.height(), image.width(), image.channels());
    long each = image.values();
    return TUint8.tensorOf(
        shape, DataBuffers.of(pixels, true, false).slice(first * each, count * each));
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
