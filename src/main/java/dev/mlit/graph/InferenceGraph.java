package dev.mlit.graph;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.StepStats;
import org.tensorflow.types.TFloat32;

/** A model with random weights that classifies batches: what a benchmark of inference runs. */
public final class InferenceGraph implements AutoCloseable {
  private final ImageShape image;
  private final Graph graph = new Graph();
  private final Session session;
  private final Placeholder<TFloat32> images;
  private final VisionTransformer.Inference inference;

  /**
   * Compiles a model.
   *
   * @param threads of TensorFlow; 0 for one per core
   */
  public InferenceGraph(ModelSpec model, int threads) {
    Sessions.load(threads);
    this.image = model.image();
    Shape shape = Shape.of(Shape.UNKNOWN_SIZE, image.height(), image.width(), image.channels());
    this.images =
        Ops.create(graph).withName("images").placeholder(TFloat32.class, Placeholder.shape(shape));
    Variables variables = Variables.random(graph, 1);
    this.inference = new VisionTransformer(graph, model, variables).infer(images);
    this.session = Sessions.open(graph, threads);
    variables.initialize(session);
  }

  /**
   * Classifies a batch and drops the result.
   *
   * @param pixels [count, height, width, channels] in [0, 1]
   */
  public void run(float[] pixels, int count) {
    try (TFloat32 input = tensor(pixels, count);
        Result result = runner(input).run()) {
      result.get(0);
    }
  }

  /** As {@link #run}, and says what every operation took. */
  public StepStats trace(float[] pixels, int count) {
    try (TFloat32 input = tensor(pixels, count)) {
      return Traces.run(runner(input));
    }
  }

  private Session.Runner runner(TFloat32 input) {
    return session.runner().feed(images, input).fetch(inference.logits());
  }

  private TFloat32 tensor(float[] pixels, int count) {
    Shape shape = Shape.of(count, image.height(), image.width(), image.channels());
    return TFloat32.tensorOf(shape, DataBuffers.of(pixels, true, false));
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
