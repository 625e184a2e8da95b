package dev.mlit.train;

import dev.mlit.graph.Drops;
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
import dev.mlit.spec.TrainingSpec;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
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
  /** What a forward and backward pass gives; the length of the gradients comes after it. */
  private static final int FETCHED = 4;

  private final ImageShape image;
  private final int threads;
  private final Graph graph = new Graph();
  private final Session session;
  private final VisionTransformer model;
  private final Placeholder<TUint8> images;
  private final Placeholder<TInt32> labels;
  private final Placeholder<TInt64> step;
  private final Placeholder<TInt64> draw;
  private final Placeholder<TFloat32> rate;
  private final Placeholder<TFloat32> share;
  private final int microBatch;
  private final List<Variable> weights;
  private final VisionTransformer.Training training;
  private final Operand<TInt32> trainingHits;
  private final @Nullable Accumulation accumulation;
  private final AdamW optimizer;
  private final @Nullable WeightAverage average;
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
    this.draw = tf.withName("draw").placeholder(TInt64.class, Placeholder.shape(Shape.scalar()));
    this.rate = tf.withName("rate").placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
    this.share =
        tf.withName("share").placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
    Integer parts = run.training().microBatch();
    this.microBatch = parts == null ? Integer.MAX_VALUE : parts;

    Variables variables = Variables.random(graph, run.training().seed());
    this.model = new VisionTransformer(graph, run.model(), variables);
    this.weights = variables.all();
    Augmentations.Augmented augmented = Augmentations.ofRun(tf, run, images, labels, draw);
    int lanes = Sessions.lanes(threads, Math.min(run.training().batch(), microBatch));
    variables.multiplyIn(run.training().precision());
    this.training = training(tf, run, augmented, lanes);
    // What is tested is what is exported.
    variables.multiplyIn(Precision.FLOAT32);
    this.trainingHits =
        hits(
            tf,
            training.logits(),
            tf.math.argMax(augmented.targets(), tf.constant(1), TInt32.class));
    Map<Variable, Operand<TFloat32>> gradients = trained(run);
    this.accumulation = parts == null ? null : new Accumulation(tf, variables, gradients, share);
    this.optimizer = optimizer(tf, run, accumulation == null ? gradients : accumulation.sums());
    RunSpec.Ema ema = run.ema();
    this.average =
        ema == null
            ? null
            : new WeightAverage(tf, ema.decay(), weights, variables, step, optimizer.updates());

    VisionTransformer.Inference inference = model.infer(Augmentations.floats(tf, images));
    this.hits = hits(tf, inference.logits(), labels);
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

  private VisionTransformer.Training training(
      Ops tf, RunSpec run, Augmentations.Augmented batch, int lanes) {
    TrainingSpec spec = run.training();
    Operand<TInt64> seed = tf.constant(spec.seed());
    return model.trainTowards(
        batch.images(),
        batch.targets(),
        GateNoise.stateless(seed, draw),
        Drops.stateless(spec.dropout(), spec.dropPath(), seed, draw),
        lanes);
  }

  private AdamW optimizer(Ops tf, RunSpec run, Map<Variable, Operand<TFloat32>> gradients) {
    double decay = run.optimizer().layerDecay();
    return new AdamW(
        tf,
        run.optimizer(),
        model.variables(),
        gradients,
        step,
        rate,
        variable -> LayerDecay.factor(variable, run.model().layers(), decay));
  }

  private Map<Variable, Operand<TFloat32>> trained(RunSpec run) {
    Map<Variable, Operand<TFloat32>> trained = new LinkedHashMap<>(training.gradients());
    trained.keySet().removeAll(Freezing.frozen(run.freeze(), weights));
    return trained;
  }

  /** The number of images whose largest logit is that of their class. */
  private static Operand<TInt32> hits(Ops tf, Operand<TFloat32> logits, Operand<TInt32> classes) {
    Operand<TInt32> guesses = tf.math.argMax(logits, tf.constant(1), TInt32.class);
    Operand<TBool> equal = tf.math.equal(guesses, classes, new Equal.Options[0]);
    return tf.sum(tf.dtypes.cast(equal, TInt32.class), tf.constant(0));
  }

  /** The sum of the images' cross-entropies. */
  private Operand<TFloat32> entropy(Ops tf, RunSpec run, Operand<TFloat32> logits) {
    Operand<TFloat32> targets = Augmentations.targets(tf, labels, run.model().classes(), 0);
    return tf.sum(tf.nn.softmaxCrossEntropyWithLogits(logits, targets).loss(), tf.constant(0));
  }

  /** All that a run must keep to go on: the weights, their average, the optimizer's state. */
  List<Variable> variables() {
    return model.variables().all();
  }

  /** The variables of the model. */
  List<Variable> weights() {
    return weights;
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
   * Trains on one batch, part by part where the run accumulates gradients.
   *
   * @param pixels uint8 [labels.length, height, width, channels]
   * @param labels the classes
   * @param step the number of steps before this one
   * @param rate the learning rate
   */
  Step train(byte[] pixels, int[] labels, long step, double rate) {
    if (accumulation == null) {
      Part whole = new Part(pixels, 0, labels, step, 0, 1);
      try (Inputs inputs = new Inputs(whole, rate);
          org.tensorflow.Result result = trainer(inputs).run()) {
        return step(result, ((TFloat32) result.get(FETCHED)).getFloat());
      }
    }
    StepSum sum = new StepSum();
    for (int first = 0; first < labels.length; first += microBatch) {
      int end = (int) Math.min(labels.length, (long) first + microBatch);
      double share = (end - first) / (double) labels.length;
      Part part =
          new Part(
              pixels,
              first,
              Arrays.copyOfRange(labels, first, end),
              step,
              first / microBatch,
              share);
      try (Inputs inputs = new Inputs(part, rate);
          org.tensorflow.Result result = accumulator(inputs, first == 0).run()) {
        sum.add(step(result, 0), share);
      }
    }
    return sum.step(update(step, rate));
  }

  /** Changes the weights by the gradients of the parts, and returns the length of those. */
  private float update(long step, double rate) {
    try (TInt64 steps = TInt64.scalarOf(step);
        TFloat32 rates = TFloat32.scalarOf((float) rate);
        org.tensorflow.Result result =
            updating(session.runner().feed(this.step, steps).feed(this.rate, rates)).run()) {
      return ((TFloat32) result.get(0)).getFloat();
    }
  }

  /** Trains on one batch as {@link #train} does, and says what every operation took. */
  StepStats trace(byte[] pixels, int[] labels, long step, double rate) {
    try (Inputs inputs = new Inputs(new Part(pixels, 0, labels, step, 0, 1), rate)) {
      return Traces.run(trainer(inputs));
    }
  }

  private Session.Runner trainer(Inputs inputs) {
    return updating(forwardAndBack(inputs).feed(step, inputs.step).feed(rate, inputs.rate));
  }

  private Session.Runner accumulator(Inputs inputs, boolean first) {
    Session.Runner runner = forwardAndBack(inputs).feed(share, inputs.share);
    if (accumulation != null) {
      accumulation.add(first).forEach(runner::addTarget);
    }
    return runner;
  }

  private Session.Runner forwardAndBack(Inputs inputs) {
    return session
        .runner()
        .feed(images, inputs.images)
        .feed(labels, inputs.labels)
        .feed(draw, inputs.draw)
        .fetch(training.loss())
        .fetch(training.balanceLoss())
        .fetch(trainingHits)
        .fetch(training.routing());
  }

  private Session.Runner updating(Session.Runner runner) {
    runner.fetch(optimizer.gradientNorm());
    optimizer.updates().forEach(runner::addTarget);
    if (average != null) {
      average.updates().forEach(runner::addTarget);
    }
    return runner;
  }

  private Step step(org.tensorflow.Result result, float gradientNorm) {
    return new Step(
        ((TFloat32) result.get(0)).getFloat(),
        ((TFloat32) result.get(1)).getFloat(),
        gradientNorm,
        ((TInt32) result.get(2)).getInt(),
        RouterLoad.parse(model.spec(), (TFloat32) result.get(3)));
  }

  /** What the parts of a batch add up to, every part by its share. */
  private static final class StepSum {
    private float loss;
    private float balanceLoss;
    private int hits;
    private final RouterLoad.Mean routing = new RouterLoad.Mean();

    void add(Step part, double share) {
      loss += (float) (share * part.loss());
      balanceLoss += (float) (share * part.balanceLoss());
      hits += part.hits();
      routing.add(part.routing(), share);
    }

    Step step(float gradientNorm) {
      return new Step(loss, balanceLoss, gradientNorm, hits, routing.mean());
    }
  }

  /**
   * A batch, or a part of it.
   *
   * @param pixels of the whole batch
   * @param first the first image of the part
   * @param labels of the part
   * @param step the number of steps before this one
   * @param number of the part, from 0
   * @param share of the batch
   */
  private record Part(byte[] pixels, int first, int[] labels, long step, int number, double share) {

    /** What random numbers depend on: the step, and for further parts something no step is. */
    long draw() {
      return step + ((long) number << 40);
    }
  }

  /** What a training step is fed with. */
  private final class Inputs implements AutoCloseable {
    private final TUint8 images;
    private final TInt32 labels;
    private final TInt64 draw;
    private final TInt64 step;
    private final TFloat32 rate;
    private final TFloat32 share;

    Inputs(Part part, double rate) {
      this.images = tensor(part.pixels(), part.first(), part.labels().length);
      this.labels = TInt32.vectorOf(part.labels());
      this.draw = TInt64.scalarOf(part.draw());
      this.step = TInt64.scalarOf(part.step());
      this.rate = TFloat32.scalarOf((float) rate);
      this.share = TFloat32.scalarOf((float) part.share());
    }

    @Override
    public void close() {
      images.close();
      labels.close();
      draw.close();
      step.close();
      rate.close();
      share.close();
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

  /**
   * Evaluates one batch, part by part: no augmentation, no gate noise, and the average of the
   * weights where the run keeps one.
   */
  List<Evaluated> evaluate(byte[] pixels, int[] labels) {
    if (average == null) {
      return evaluate(pixels, labels, runner -> {});
    }
    try (WeightAverage.Values values = average.read(session)) {
      return evaluate(pixels, labels, values::feed);
    }
  }

  private List<Evaluated> evaluate(byte[] pixels, int[] labels, Consumer<Session.Runner> feeding) {
    return Sessions.inParts(
        threads,
        labels.length,
        (first, count) ->
            evaluatePart(pixels, first, Arrays.copyOfRange(labels, first, first + count), feeding));
  }

  private Evaluated evaluatePart(
      byte[] pixels, int first, int[] labels, Consumer<Session.Runner> feeding) {
    Session.Runner runner = session.runner().setOptions(Sessions.onCallingThread());
    feeding.accept(runner);
    try (TUint8 images = tensor(pixels, first, labels.length);
        TInt32 classes = TInt32.vectorOf(labels);
        org.tensorflow.Result result =
            runner
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
