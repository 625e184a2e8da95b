package dev.mlit.graph;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import java.util.List;
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
  private final int threads;
  private final Graph graph;
  private final Session session;
  private final String images;
  private final String logits;

  /**
   * Compiles a model.
   *
   * @param threads of TensorFlow; 0 for one per core
   */
  public InferenceGraph(ModelSpec model, int threads) {
    Sessions.load(threads);
    this.image = model.image();
    this.threads = threads;
    Shape shape = Shape.of(Shape.UNKNOWN_SIZE, image.height(), image.width(), image.channels());
    try (Graph trainable = new Graph()) {
      Placeholder<TFloat32> input =
          Ops.create(trainable).placeholder(TFloat32.class, Placeholder.shape(shape));
      Variables variables = Variables.random(trainable, 1);
      VisionTransformer.Inference inference =
          new VisionTransformer(trainable, model, variables).infer(input);
      this.images = input.op().name();
      this.logits = inference.logits().op().name();
      try (Session initial = Sessions.open(trainable, threads)) {
        variables.initialize(initial);
        this.graph = FrozenGraph.of(trainable, initial, List.of(logits));
      }
    }
    this.session = Sessions.open(graph, threads);
  }

  /**
   * Classifies a batch and drops the result.
   *
   * @param pixels [count, height, width, channels] in [0, 1]
   */
  public void run(float[] pixels, int count) {
    Sessions.inParts(threads, count, (first, images) -> runPart(pixels, first, images));
  }

  private long runPart(float[] pixels, int first, int images) {
    try (TFloat32 input = tensor(pixels, first, images);
        Result result = runner(input).setOptions(Sessions.onCallingThread()).run()) {
      return ((TFloat32) result.get(0)).size();
    }
  }

  /** As {@link #run}, and says what every operation took. */
  public StepStats trace(float[] pixels, int count) {
    try (TFloat32 input = tensor(pixels, 0, count)) {
      return Traces.run(runner(input));
    }
  }

  private Session.Runner runner(TFloat32 input) {
    return session.runner().feed(images, input).fetch(logits);
  }

  private TFloat32 tensor(float[] pixels, int first, int count) {
    Shape shape = Shape.of(count, image.height(), image.width(), image.channels());
    long values = image.values();
    return TFloat32.tensorOf(
        shape, DataBuffers.of(pixels, true, false).slice(first * values, count * values));
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
