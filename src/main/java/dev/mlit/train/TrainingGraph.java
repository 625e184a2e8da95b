package dev.mlit.train;

import dev.mlit.graph.GateNoise;
import dev.mlit.graph.RouterLoad;
import dev.mlit.graph.Saver;
import dev.mlit.graph.Sessions;
import dev.mlit.graph.Traces;
import dev.mlit.graph.Variable;
import dev.mlit.graph.Variables;
import dev.mlit.graph.VisionTransformer;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.RunSpec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
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
  private final Map<Variable, Operand<TFloat32>> trained;
  private final FiniteGuard guard;
  private final AdamW optimizer;
  private final Operand<TInt32> hits;
  private final Operand<TInt32> predicted;
  private final Operand<TFloat32> confidence;
  private final Operand<TFloat32> losses;
  private final Operand<TFloat32> entropy;
  private final Operand<TFloat32> routing;
  private final Saver saver;

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
    this.training = model.train(augmented, labels, GateNoise.stateless(seed, step), lanes);
    this.trainingHits = hits(tf, predicted(tf, training.logits()));
    this.trained = trained(run);
    this.guard = new FiniteGuard(tf, training.loss(), trained);
    this.optimizer = new AdamW(tf, run.optimizer(), variables, guard.gradients(), step, rate);

    VisionTransformer.Inference inference = model.infer(floats);
    this.predicted = predicted(tf, inference.logits());
    this.hits = hits(tf, predicted);
    this.confidence = tf.max(inference.probabilities(), tf.constant(1));
    this.losses = losses(tf, run, inference.logits());
    this.entropy = tf.sum(losses, tf.constant(0));
    this.routing = inference.routing();
    this.saver = new Saver(graph, "save", FiniteGuard.checked(tf, variables.all()));
    this.session = Sessions.open(graph, run.training().threads());
    variables.initialize(session);
  }

  private Map<Variable, Operand<TFloat32>> trained(RunSpec run) {
    Map<Variable, Operand<TFloat32>> trained = new LinkedHashMap<>(training.gradients());
    trained.keySet().removeAll(Freezing.frozen(run.freeze(), model.variables().all()));
    return trained;
  }

  /** The class of the largest logit. */
  private static Operand<TInt32> predicted(Ops tf, Operand<TFloat32> logits) {
    return tf.math.argMax(logits, tf.constant(1), TInt32.class);
  }

  /** The number of images whose predicted class is their label. */
  private Operand<TInt32> hits(Ops tf, Operand<TInt32> predicted) {
    Operand<TBool> equal = tf.math.equal(predicted, labels, new Equal.Options[0]);
    return tf.sum(tf.dtypes.cast(equal, TInt32.class), tf.constant(0));
  }

  /** The images' cross-entropies. */
  private Operand<TFloat32> losses(Ops tf, RunSpec run, Operand<TFloat32> logits) {
    Operand<TFloat32> targets =
        tf.oneHot(labels, tf.constant(run.model().classes()), tf.constant(1f), tf.constant(0f));
    return tf.nn.softmaxCrossEntropyWithLogits(logits, targets).loss();
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
   * @throws DivergedException if the loss or a gradient is not finite; no variable has changed then
   */
  Step train(byte[] pixels, int[] labels, long step, double rate) {
    try (Inputs inputs = new Inputs(pixels, labels, step, rate)) {
      try (org.tensorflow.Result result = trainer(inputs).run()) {
        return new Step(
            ((TFloat32) result.get(0)).getFloat(),
            ((TFloat32) result.get(1)).getFloat(),
            ((TFloat32) result.get(2)).getFloat(),
            ((TInt32) result.get(3)).getInt(),
            RouterLoad.parse(model.spec(), (TFloat32) result.get(4)));
      } catch (TFInvalidArgumentException e) {
        throw FiniteGuard.caught(e) ? diverged(inputs, step, rate) : e;
      }
    }
  }

  private DivergedException diverged(Inputs inputs, long step, double rate) {
    NonFinite.Search search = new NonFinite.Search(graph, session, inputs::feed);
    try (org.tensorflow.Result result =
        inputs.feed(session.runner()).fetch(training.loss()).fetch(guard.norm()).run()) {
      return DivergedException.inStep(
          step + 1,
          rate,
          ((TFloat32) result.get(0)).getFloat(),
          ((TFloat32) result.get(1)).getFloat(),
          search.find(weights(), trained, training.loss()));
    }
  }

  /**
   * Writes all variables to the files of a prefix.
   *
   * @param step steps so far
   * @param rate the learning rate of the last one
   * @throws DivergedException if a value is not finite; what was written is of no use then
   */
  void save(Path prefix, long step, double rate) {
    try {
      saver.save(session, prefix);
    } catch (TFInvalidArgumentException e) {
      if (!FiniteGuard.caught(e)) {
        throw e;
      }
      NonFinite.Search search = new NonFinite.Search(graph, session, runner -> runner);
      throw DivergedException.afterStep(step, rate, search.weight(variables()));
    }
  }

  /** Reads all variables from the files of a prefix. */
  void restore(Path prefix) {
    saver.restore(session, prefix);
  }

  /** What made a test's loss infinite or no number at all, found with a batch of it. */
  NonFinite nonFinite(byte[] pixels, int[] labels) {
    try (TUint8 images = tensor(pixels, 0, labels.length);
        TInt32 classes = TInt32.vectorOf(labels)) {
      return new NonFinite.Search(
              graph, session, runner -> runner.feed(this.images, images).feed(this.labels, classes))
          .find(weights(), Map.of(), entropy);
    }
  }

  /** The variables of the model, without those of the optimizer, in the order of the layers. */
  private List<Variable> weights() {
    return variables().stream().filter(training.gradients()::containsKey).toList();
  }

  /** Trains on one batch as {@link #train} does, and says what every operation took. */
  StepStats trace(byte[] pixels, int[] labels, long step, double rate) {
    try (Inputs inputs = new Inputs(pixels, labels, step, rate)) {
      return Traces.run(trainer(inputs));
    }
  }

  private Session.Runner trainer(Inputs inputs) {
    Session.Runner runner =
        inputs
            .feed(session.runner())
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

    Session.Runner feed(Session.Runner runner) {
      return runner
          .feed(TrainingGraph.this.images, images)
          .feed(TrainingGraph.this.labels, labels)
          .feed(TrainingGraph.this.step, step)
          .feed(TrainingGraph.this.rate, rate);
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
   * @param predicted the class of every image's largest probability
   * @param confidence that probability
   * @param losses every image's cross-entropy
   */
  record Evaluated(
      int images,
      int hits,
      float entropy,
      List<RouterLoad> routing,
      int[] predicted,
      float[] confidence,
      float[] losses) {}

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
                .fetch(predicted)
                .fetch(confidence)
                .fetch(losses)
                .run()) {
      return new Evaluated(
          labels.length,
          ((TInt32) result.get(0)).getInt(),
          ((TFloat32) result.get(1)).getFloat(),
          RouterLoad.parse(model.spec(), (TFloat32) result.get(2)),
          StdArrays.array1dCopyOf((TInt32) result.get(3)),
          StdArrays.array1dCopyOf((TFloat32) result.get(4)),
          StdArrays.array1dCopyOf((TFloat32) result.get(5)));
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
