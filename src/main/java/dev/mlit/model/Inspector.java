package dev.mlit.model;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.tensorflow.Tensors;
import dev.mlit.weights.Layer;
import dev.mlit.weights.Variables;
import dev.mlit.weights.Weights;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Looks into the encoder of a trained model: its features, and which expert a patch goes to.
 *
 * @since 0.1.0
 */
public final class Inspector implements AutoCloseable {
  private final ModelSpec model;
  private final Graph graph = Sessions.newGraph();
  private final Session session;
  private final Operand<TFloat32> images;
  private final Operand<TFloat32> features;
  private final List<Operand<TInt32>> experts = new ArrayList<>();

  /**
   * The encoder of a classifier or of an autoencoder.
   *
   * @param weights of the model; those of a head or a decoder are not needed
   * @throws IllegalArgumentException if weights are missing
   */
  public Inspector(ModelSpec model, Weights weights) {
    Sessions.load();
    this.model = model;
    Ops tf = Operations.of(graph);
    this.images = tf.placeholder(TFloat32.class, Placeholder.shape(Tensors.images(model.image())));
    Variables variables = Variables.restored(graph);
    Encoder.Inferred encoded =
        new Encoder(Layer.root(graph, variables, CompileOptions.ofMachine()), model).infer(images);
    this.features = encoded.features();
    for (Operand<TFloat32> gates : encoded.gates()) {
      experts.add(tf.math.argMax(gates, tf.constant(1), TInt32.class));
    }
    this.session = Sessions.open(graph, 0);
    weights.assign(graph, session, variables.all());
  }

  /**
   * The encoder's outputs for some images, all patches visible.
   *
   * @param features [images][embedding]
   * @param experts for every block, of every token the expert with the largest gate,
   *     [blocks][images * tokens], the class token of an image first
   */
  public record Seen(float[][] features, List<int[]> experts) {}

  /**
   * Looks at images.
   *
   * @param pixels unsigned bytes [count, height, width, channels], of the model's image size
   */
  public Seen look(byte[] pixels, int count) {
    ImageShape image = model.image();
    Shape shape = Shape.of(count, image.height(), image.width(), image.channels());
    try (TFloat32 input = TFloat32.tensorOf(shape, DataBuffers.of(Tensors.floats(pixels)))) {
      Session.Runner runner = session.runner().feed(images, input).fetch(features);
      experts.forEach(runner::fetch);
      try (Result result = runner.run()) {
        List<int[]> found = new ArrayList<>();
        for (int block = 0; block < experts.size(); block++) {
          found.add(StdArrays.array1dCopyOf((TInt32) result.get(block + 1)));
        }
        return new Seen(StdArrays.array2dCopyOf((TFloat32) result.get(0)), found);
      }
    }
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
