package dev.mlit.model;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.BatchParts;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.tensorflow.FrozenGraph;
import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.tensorflow.Tensors;
import dev.mlit.tensorflow.Traces;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import dev.mlit.weights.Weights;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.StepStats;
import org.tensorflow.types.TFloat32;

/**
 * A model for inference, its weights as constants, which a classifier and the benchmark of
 * inference run. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class InferenceGraph implements AutoCloseable {
  static final String IMAGES = "images";
  private static final double NOISE = 0.02;

  private final ModelSpec spec;
  private final int threads;
  private final BatchParts batchParts;
  private final CompileOptions options;
  private final Graph graph;
  private final Session session;
  private @Nullable Session traced;
  private @Nullable SingleImageGraph oneImage;
  private boolean oneImageSought;
  private final AtomicInteger running = new AtomicInteger();

  private InferenceGraph(
      ModelSpec spec, int threads, BatchParts batchParts, CompileOptions options, Graph frozen) {
    this.spec = spec;
    this.threads = threads;
    this.batchParts = batchParts;
    this.options = options;
    this.graph = frozen;
    this.session = Sessions.openForCallingThread(frozen, threads, options);
  }

  /** The outputs of a model for images. */
  public enum Value {
    /** [batch, classes]. */
    LOGITS,
    /** [batch, classes]. */
    PROBABILITIES,
    /** [batch, embedding]. */
    FEATURES;

    /** The name of its tensor. */
    String tensor() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A model with given weights.
   *
   * @param threads of TensorFlow; 0 for one per core
   * @throws IllegalArgumentException if weights are missing
   */
  public static InferenceGraph of(ModelSpec model, Weights weights, int threads) {
    return of(model, weights, threads, BatchParts.of(threads));
  }

  /**
   * As above, with the threads that work at parts of a batch.
   *
   * @param threads of TensorFlow; 0 for one per core
   * @throws IllegalArgumentException if weights are missing
   */
  public static InferenceGraph of(
      ModelSpec model, Weights weights, int threads, BatchParts batchParts) {
    Sessions.load(threads);
    CompileOptions options = CompileOptions.ofMachine().fusing();
    try (Graph graph = new Graph()) {
      Ops tf = Operations.of(graph);
      Variables variables = Variables.restored(graph);
      VisionTransformer transformer = new VisionTransformer(graph, model, variables, options);
      VisionTransformer.Inference computed = transformer.infer(images(tf, model));
      tf.withName(Value.LOGITS.tensor()).identity(computed.logits());
      tf.withName(Value.PROBABILITIES.tensor()).identity(computed.probabilities());
      tf.withName(Value.FEATURES.tensor()).identity(computed.features());
      List<String> outputs = Arrays.stream(Value.values()).map(Value::tensor).toList();
      return new InferenceGraph(
          model,
          threads,
          batchParts,
          options,
          FrozenGraph.of(graph.toGraphDef(), weights::constant, outputs));
    }
  }

  /** The input, [batch, height, width, channels] in [0, 1]. */
  static Placeholder<TFloat32> images(Ops tf, ModelSpec model) {
    return tf.withName(IMAGES)
        .placeholder(TFloat32.class, Placeholder.shape(Tensors.images(model.image())));
  }

  /**
   * A model with random weights, which computes only {@link Value#LOGITS}.
   *
   * @param threads of TensorFlow; 0 for one per core
   */
  public static InferenceGraph random(ModelSpec model, int threads) {
    Sessions.load(threads);
    CompileOptions options = CompileOptions.ofMachine().fusing();
    try (Graph graph = new Graph()) {
      Ops tf = Operations.of(graph);
      Placeholder<TFloat32> input = images(tf, model);
      Variables variables = Variables.random(graph, 1);
      VisionTransformer transformer = new VisionTransformer(graph, model, variables, options);
      tf.withName(Value.LOGITS.tensor()).identity(transformer.infer(input).logits());
      List<Op> moves = moves(tf, variables);
      try (Session session = new Session(graph, Sessions.configToRunOnce(threads))) {
        variables.initialize(session);
        Session.Runner runner = session.runner();
        moves.forEach(runner::addTarget);
        runner.run().close();
        List<String> outputs = List.of(Value.LOGITS.tensor());
        return new InferenceGraph(
            model,
            threads,
            BatchParts.of(threads),
            options,
            FrozenGraph.of(graph.toGraphDef(), graph, session, outputs));
      }
    }
  }

  /**
   * Moves the weights off their first values: TensorFlow leaves out the sum with a bias that is all
   * zeros and the product with a scale that is all ones, which no trained model has.
   */
  private static List<Op> moves(Ops tf, Variables variables) {
    List<Op> moves = new ArrayList<>();
    for (Variable variable : variables.all()) {
      Operand<TFloat32> noise =
          tf.random.statelessRandomNormal(
              tf.constant(variable.shape()), tf.constant(new long[] {1, moves.size()}));
      Operand<TFloat32> small = tf.math.mul(noise, tf.constant((float) NOISE));
      moves.add(tf.assignAddVariableOp(variable.handle(), small));
    }
    return moves;
  }

  /**
   * Computes an output for a batch of images.
   *
   * @param pixels [count, height, width, channels] in [0, 1]
   * @return the output's values, image by image
   * @throws IllegalArgumentException if the number of values is not count times that of an image
   */
  public float[] run(Value output, float[] pixels, int count) {
    requireImages(pixels, count);
    try {
      // All threads for one image, unless another thread has work for them.
      boolean alone = running.incrementAndGet() == 1;
      SingleImageGraph single = count == 1 && alone ? oneImage() : null;
      return single == null ? runParts(output, pixels, count) : runOne(single, output, pixels);
    } finally {
      running.decrementAndGet();
    }
  }

  /**
   * As {@link #run}, for a batch of many, of which the last may be of one image: without the graph
   * for one image, which takes longer to make than it saves.
   */
  public float[] runBatch(Value output, float[] pixels, int count) {
    requireImages(pixels, count);
    running.incrementAndGet();
    try {
      return runParts(output, pixels, count);
    } finally {
      running.decrementAndGet();
    }
  }

  private void requireImages(float[] pixels, int count) {
    ImageShape image = spec.image();
    if (count < 1 || (long) count * image.values() != pixels.length) {
      throw new IllegalArgumentException(
          pixels.length + " values are not " + count + " images of " + image);
    }
  }

  /** The graph for one image, made at the first call with one; calls with many do not need it. */
  private synchronized @Nullable SingleImageGraph oneImage() {
    if (!oneImageSought) {
      oneImageSought = true;
      oneImage = SingleImageGraph.of(spec, graph, threads, options);
    }
    return oneImage;
  }

  private float[] runOne(SingleImageGraph graph, Value output, float[] pixels) {
    try (TFloat32 input = tensor(pixels, 0, 1);
        Result result = graph.runner(output, input).run()) {
      return Tensors.floats((TFloat32) result.get(0));
    }
  }

  private float[] runParts(Value output, float[] pixels, int count) {
    List<float[]> parts =
        batchParts.run(count, (first, images) -> runPart(output, pixels, first, images));
    if (parts.size() == 1) {
      return parts.get(0);
    }
    FloatBuffer joined = FloatBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
    parts.forEach(joined::put);
    return joined.array();
  }

  private float[] runPart(Value output, float[] pixels, int first, int count) {
    try (TFloat32 input = tensor(pixels, first, count);
        Result result =
            runner(session, output, input).setOptions(Sessions.onCallingThread()).run()) {
      return Tensors.floats((TFloat32) result.get(0));
    }
  }

  /** As {@link #run}, all on one thread, with the time that every operation took. */
  public StepStats trace(Value output, float[] pixels, int count) {
    try (TFloat32 input = tensor(pixels, 0, count)) {
      return Traces.run(runner(traced(), output, input), Sessions.onCallingThread());
    }
  }

  /** A session that runs the same operations, and has traces. */
  private synchronized Session traced() {
    if (traced == null) {
      traced = Sessions.openAsBuilt(graph, threads, options);
    }
    return traced;
  }

  private static Session.Runner runner(Session session, Value output, TFloat32 input) {
    return session.runner().feed(IMAGES, input).fetch(output.tensor());
  }

  private TFloat32 tensor(float[] pixels, int first, int count) {
    ImageShape image = spec.image();
    Shape shape = Shape.of(count, image.height(), image.width(), image.channels());
    long values = image.values();
    return TFloat32.tensorOf(
        shape, DataBuffers.of(pixels, true, false).slice(first * values, count * values));
  }

  @Override
  public synchronized void close() {
    SingleImageGraph single = oneImage;
    if (single != null) {
      single.close();
    }
    Session traces = traced;
    if (traces != null) {
      traces.close();
    }
    session.close();
    graph.close();
  }
}
