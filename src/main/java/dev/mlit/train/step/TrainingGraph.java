package dev.mlit.train.step;

import dev.mlit.cluster.Signals;
import dev.mlit.cluster.Workers;
import dev.mlit.data.Batch;
import dev.mlit.model.ActivationMemory;
import dev.mlit.model.RouterLoad;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.TrainingSpec;
import dev.mlit.tensorflow.BatchParts;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.weights.Saver;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import dev.mlit.weights.Weights;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.StepStats;
import org.tensorflow.types.TFloat32;

/**
 * The compiled run: one graph that trains on a batch and evaluates one, and its session.
 *
 * @since 0.1.0
 */
public final class TrainingGraph implements AutoCloseable {
  /**
   * What a forward pass may keep for its backward pass besides what it must: where all of it is
   * less, a step takes a seventh less time; where not, memory counts more.
   */
  private static final long KEPT_BYTES = 192L << 20;

  private final Workers workers;
  private final Graph graph = new Graph();
  private final Session session;
  private final ModelSpec model;
  private final TaskOps task;
  private final List<Variable> weights;
  private final TrainingInputs inputs;
  private final TrainingSteps steps;
  private final TestSteps tests;
  private final Saver saver;

  static {
    Sessions.load();
  }

  /** Whether the forward pass of so many images keeps what its backward pass reads. */
  private static boolean keeps(RunSpec run, int images) {
    TrainingSpec training = run.training();
    return switch (training.recompute()) {
      case ALWAYS -> false;
      case NEVER -> true;
      case AUTO ->
          ActivationMemory.bytes(run.model(), training.patchDropout(), images) <= KEPT_BYTES;
    };
  }

  /** As below, for a single worker. */
  public TrainingGraph(RunSpec run) {
    this(run, Workers.alone(), true);
  }

  /**
   * Compiles a run and gives the variables their first values.
   *
   * @param workers those that train it; all of them must compile it at once
   * @param noisy whether the gates have noise
   * @throws dev.mlit.spec.InvalidInputException if {@code freeze} names no variable, or all of them
   */
  public TrainingGraph(RunSpec run, Workers workers, boolean noisy) {
    int threads = run.training().threads();
    this.workers = workers;
    this.model = run.model();
    Sessions.load(threads);
    Integer parts = run.training().microBatch();
    int microBatch = parts == null ? run.training().batch() : parts;
    int share = microBatch / workers.count();
    CompileOptions products = CompileOptions.ofMachine().multiplyingIn(run.training().precision());
    int lanes = Sessions.lanes(threads, share, model.visiblePatches() + 1, products);
    CompileOptions options =
        products.expecting((share + lanes - 1) / lanes).keeping(keeps(run, share)).fusing();
    Ops tf = Operations.of(graph);
    this.inputs = TrainingInputs.of(tf, run.model().image());
    Variables variables = Variables.random(graph, run.training().seed());
    this.task = TaskOps.of(graph, run, variables, noisy);
    this.weights = variables.all();
    TrainingOps training = TrainingOps.of(tf, run, task, inputs, options, lanes, workers);
    TaskOps.Test test = task.test(tf, inputs);
    Operand<TFloat32> testLoss = tf.sum(test.losses(), tf.constant(0));
    this.saver = new Saver(graph, "save", FiniteGuard.checked(tf, variables.all()));
    this.session = workers.openToTrain(graph, threads, options);
    this.steps =
        new TrainingSteps(
            run.model(), graph, session, inputs, training, weights, workers, microBatch);
    this.tests =
        new TestSteps(
            run.model(),
            graph,
            session,
            inputs,
            test,
            testLoss,
            weights,
            training.average(),
            BatchParts.of(threads));
    variables.initialize(session);
    prepare(lanes);
    variables.initialize(session);
  }

  /**
   * Has TensorFlow prepare the training graph, which it does at the first step: on as few images as
   * possible, so that the memory for it is free again before there are many.
   */
  private void prepare(int images) {
    Images blank =
        new Images(
            new byte[images * inputs.shape().values()], new int[images], images * workers.count());
    train(blank, 0, 0, Signals.NONE);
    Sessions.giveMemoryBack();
  }

  /** All that a run must keep to go on: the weights, their average, the optimizer's state. */
  List<Variable> variables() {
    return task.variables().all();
  }

  /** The variables of the model, in the order of the layers. */
  public List<Variable> weights() {
    return weights;
  }

  public ModelSpec model() {
    return model;
  }

  Graph graph() {
    return graph;
  }

  Session session() {
    return session;
  }

  /** Whether images have classes; otherwise their numbers are fed in place of labels. */
  public boolean classifies() {
    return !model.isAutoencoder();
  }

  /**
   * A worker's share of a batch.
   *
   * @param pixels uint8 [labels.length, height, width, channels]
   * @param labels the classes
   * @param whole images of the batch
   */
  public record Images(byte[] pixels, int[] labels, int whole) {
    public static Images of(Batch batch) {
      return new Images(batch.pixels(), batch.labels(), batch.whole());
    }
  }

  /**
   * The result of a step, for the whole batch.
   *
   * @param loss cross-entropy and balance losses
   * @param balanceLoss the balance losses only
   * @param gradientNorm before clipping
   * @param hits images that were classified rightly
   * @param routing what the gates did, noise included
   * @param signals what any worker has raised
   */
  public record Step(
      float loss,
      float balanceLoss,
      float gradientNorm,
      int hits,
      List<RouterLoad> routing,
      Signals signals) {}

  /**
   * Trains on one batch, part by part where the run accumulates gradients.
   *
   * @param step the number of steps before this one
   * @param rate the learning rate
   * @param raised what this worker signals to all of them
   * @throws DivergedException if the loss or a gradient is not finite; no weight has changed then
   */
  public Step train(Images images, long step, double rate, Signals raised) {
    return steps.train(images, step, rate, raised);
  }

  /** Trains on one batch as {@link #train} does, with the time that every operation took. */
  public StepStats trace(Images images, long step, double rate) {
    return steps.trace(images, step, rate);
  }

  /** Gives all workers the variables of the first one. */
  public void share() {
    if (workers.areSeveral()) {
      SharedVariables.share(graph, session, variables(), workers);
    }
  }

  /**
   * Writes all variables to the files of a prefix.
   *
   * @param step steps so far
   * @param rate the learning rate of the last one
   * @throws DivergedException if a value is not finite; what was written is of no use then
   */
  public void save(Path prefix, long step, double rate) {
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
  public void restore(Path prefix) {
    saver.restore(session, prefix);
  }

  /** Gives variables other values. */
  public void assign(Map<String, Weights.Array> values) {
    List<Variable> assigned = weights.stream().filter(v -> values.containsKey(v.name())).toList();
    Weights.of(values).assign(graph, session, assigned);
  }

  /** What made a test's loss infinite or no number at all, found with a batch of it. */
  public NonFinite nonFinite(byte[] pixels, int[] labels) {
    return tests.nonFinite(pixels, labels);
  }

  /**
   * The results of some evaluated images.
   *
   * @param images their number
   * @param loss the sum of the images' losses
   * @param routing what the gates did
   * @param predicted the class of every image's largest probability
   * @param confidence that probability
   * @param losses every image's loss
   */
  public record Evaluated(
      int images,
      float loss,
      List<RouterLoad> routing,
      int[] predicted,
      float[] confidence,
      float[] losses) {}

  /**
   * Evaluates one batch, part by part: no augmentation, no gate noise, and the average of the
   * weights where the run keeps one.
   */
  public List<Evaluated> evaluate(byte[] pixels, int[] labels) {
    return tests.evaluate(pixels, labels);
  }

  /**
   * Has {@link #evaluate} classify by nearest neighbours in place of the head. Their share of the
   * votes is the confidence, after one vote more that all classes share, so that no loss is
   * infinite.
   */
  public void classifyBy(NearestNeighbours neighbours) {
    tests.classifyBy(neighbours);
  }

  /**
   * The features of images, part by part, as the model is tested.
   *
   * @return [images, embedding], the parts in order
   * @throws IllegalStateException if the run has no use for features
   */
  public List<float[]> features(byte[] pixels, int count) {
    return tests.features(pixels, count);
  }

  /**
   * Images as an autoencoder completes them.
   *
   * @param pixels normalised pixels of every patch, [images, patches, values]
   * @param mask 1 for hidden patches, [images, patches]
   */
  public record Painted(float[] pixels, float[] mask) {}

  /**
   * Has an autoencoder complete images.
   *
   * @param numbers of the images, which decide what is hidden
   * @throws IllegalStateException if the model is a classifier
   */
  public Painted paint(byte[] pixels, int[] numbers) {
    return tests.paint(pixels, numbers);
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
