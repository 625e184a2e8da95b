package dev.mlit.graph;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
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
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.StepStats;
import org.tensorflow.types.TFloat32;

/**
 * A model that is used and no longer trained, its weights constants: what a classifier runs, and
 * what a benchmark of inference times. Safe for use by many threads.
 */
public final class InferenceGraph implements AutoCloseable {
  /** What a {@link #random} model computes, [batch, classes]. */
  public static final Output LOGITS = new Output(Value.LOGITS, "images:0", "logits:0");

  private static final double NOISE = 0.02;

  private final ModelSpec spec;
  private final int threads;
  private final Graph graph;
  private final Session session;
  private @Nullable OneImage oneImage;
  private boolean oneImageSought;
  private final AtomicInteger running = new AtomicInteger();

  private InferenceGraph(ModelSpec spec, int threads, Graph frozen) {
    this.spec = spec;
    this.threads = threads;
    this.graph = frozen;
    this.session = Sessions.open(frozen, threads);
  }

  /** What a model says of images. */
  public enum Value {
    /** [batch, classes]. */
    LOGITS,
    /** [batch, classes]. */
    PROBABILITIES,
    /** [batch, embedding]. */
    FEATURES
  }

  /**
   * What can be computed, by the names of tensors.
   *
   * @param value what it is
   * @param images the input, float32 [batch, height, width, channels]
   * @param values the output, float32 [batch, ...]
   */
  public record Output(Value value, String images, String values) {}

  /**
   * Makes the variables of a model constants.
   *
   * @param model the graph of the model as a message
   * @param graph the same; it is not needed afterwards
   * @param session holds the values of its variables
   * @param spec of the model
   * @param outputs what {@link #run} may be asked for
   * @param threads of TensorFlow; 0 for one per core
   */
  public static InferenceGraph of(
      GraphDef model,
      Graph graph,
      Session session,
      ModelSpec spec,
      List<Output> outputs,
      int threads) {
    List<String> tensors = outputs.stream().map(Output::values).toList();
    return new InferenceGraph(spec, threads, FrozenGraph.of(model, graph, session, tensors));
  }

  /**
   * A model with random weights, whose output is {@link #LOGITS}.
   *
   * @param threads of TensorFlow; 0 for one per core
   */
  public static InferenceGraph random(ModelSpec model, int threads) {
    Sessions.load(threads);
    try (Graph graph = new Graph()) {
      Ops tf = Operations.of(graph);
      Placeholder<TFloat32> input =
          tf.withName("images")
              .placeholder(TFloat32.class, Placeholder.shape(Tensors.images(model.image())));
      Variables variables = Variables.random(graph, 1);
      VisionTransformer transformer = new VisionTransformer(graph, model, variables);
      tf.withName("logits").identity(transformer.infer(input).logits());
      List<Op> moves = moves(tf, variables);
      try (Session session = new Session(graph, Sessions.configToRunOnce(threads))) {
        variables.initialize(session);
        Session.Runner runner = session.runner();
        moves.forEach(runner::addTarget);
        runner.run().close();
        return of(graph.toGraphDef(), graph, session, model, List.of(LOGITS), threads);
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
   * @param output one of those that were given
   * @param pixels [count, height, width, channels] in [0, 1]
   * @return the output's values, image by image
   * @throws IllegalArgumentException if the number of values is not count times that of an image
   */
  public float[] run(Output output, float[] pixels, int count) {
    ImageShape image = spec.image();
    if (count < 1 || (long) count * image.values() != pixels.length) {
      throw new IllegalArgumentException(
          pixels.length + " values are not " + count + " images of " + image);
    }
    try {
      // All threads for one image, unless another thread has work for them.
      boolean alone = running.incrementAndGet() == 1;
      OneImage single = count == 1 && alone ? oneImage() : null;
      return single == null ? runParts(output, pixels, count) : runOne(single, output, pixels);
    } finally {
      running.decrementAndGet();
    }
  }

  /** Made when the first image comes alone: who has many does without. */
  private synchronized @Nullable OneImage oneImage() {
    if (!oneImageSought) {
      oneImageSought = true;
      oneImage = OneImage.of(spec, graph, threads);
    }
    return oneImage;
  }

  private float[] runOne(OneImage graph, Output output, float[] pixels) {
    try (TFloat32 input = tensor(pixels, 0, 1);
        Result result = graph.runner(output.value(), input).run()) {
      return Tensors.floats((TFloat32) result.get(0));
    }
  }

  private float[] runParts(Output output, float[] pixels, int count) {
    List<float[]> parts =
        Sessions.inParts(threads, count, (first, images) -> runPart(output, pixels, first, images));
    if (parts.size() == 1) {
      return parts.get(0);
    }
    FloatBuffer all = FloatBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
    parts.forEach(all::put);
    return all.array();
  }

  private float[] runPart(Output output, float[] pixels, int first, int count) {
    try (TFloat32 input = tensor(pixels, first, count);
        Result result = runner(output, input).setOptions(Sessions.onCallingThread()).run()) {
      return Tensors.floats((TFloat32) result.get(0));
    }
  }

  /** As {@link #run}, all on one thread, and says what every operation took. */
  public StepStats trace(Output output, float[] pixels, int count) {
    try (TFloat32 input = tensor(pixels, 0, count)) {
      return Traces.run(runner(output, input), Sessions.onCallingThread());
    }
  }

  private Session.Runner runner(Output output, TFloat32 input) {
    return session.runner().feed(output.images(), input).fetch(output.values());
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
    OneImage single = oneImage;
    if (single != null) {
      single.close();
    }
    session.close();
    graph.close();
  }
}
