package dev.mlit.model;

import dev.mlit.spec.ImageShape;
import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.BatchParts;
import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.tensorflow.Tensors;
import dev.mlit.weights.Variables;
import dev.mlit.weights.Weights;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * An autoencoder for inference, which paints test images, of which {@link TestMasks} hide patches.
 * Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class Painter implements AutoCloseable {
  private final ImageShape shape;
  private final Graph graph = Sessions.newGraph();
  private final Session session;
  private final Operand<TFloat32> images;
  private final Operand<TInt32> numbers;
  private final Autoencoder.Reconstruction painted;

  /**
   * An autoencoder.
   *
   * @param weights of the model
   * @throws IllegalArgumentException if the model is no autoencoder, or weights are missing
   */
  public Painter(ModelSpec model, Weights weights) {
    Sessions.load();
    this.shape = model.image();
    Ops tf = Operations.of(graph);
    this.images = tf.placeholder(TFloat32.class, Placeholder.shape(Tensors.images(shape)));
    this.numbers = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
    Variables variables = Variables.restored(graph);
    this.painted =
        new Autoencoder(graph, model, variables)
            .reconstruct(images, TestMasks.noise(tf, numbers, model.patches()));
    this.session = Sessions.open(graph, 0);
    weights.assign(graph, session, variables.all());
  }

  /**
   * The errors of painted images.
   *
   * @param hidden of every image the mean squared error of the patches that were hidden
   * @param visible the same of those that were not
   */
  public record Errors(float[] hidden, float[] visible) {}

  /**
   * Paints test images.
   *
   * @param pixels unsigned bytes [count, height, width, channels], of the model's image size
   * @param numbers of the images among those of the test, from 0: [count]
   */
  public Errors errors(byte[] pixels, int[] numbers) {
    float[] values = Tensors.floats(pixels);
    List<Errors> parts =
        BatchParts.of(0)
            .run(numbers.length, (first, count) -> errors(values, numbers, first, count));
    Errors errors = new Errors(new float[numbers.length], new float[numbers.length]);
    int done = 0;
    for (Errors part : parts) {
      System.arraycopy(part.hidden, 0, errors.hidden, done, part.hidden.length);
      System.arraycopy(part.visible, 0, errors.visible, done, part.visible.length);
      done += part.hidden.length;
    }
    return errors;
  }

  private Errors errors(float[] pixels, int[] allNumbers, int first, int count) {
    long each = shape.values();
    try (TFloat32 input =
            TFloat32.tensorOf(
                Shape.of(count, shape.height(), shape.width(), shape.channels()),
                DataBuffers.of(pixels, true, false).slice(first * each, count * each));
        TInt32 chosen = TInt32.vectorOf(Arrays.copyOfRange(allNumbers, first, first + count));
        Result result =
            session
                .runner()
                .setOptions(Sessions.onCallingThread())
                .feed(images, input)
                .feed(numbers, chosen)
                .fetch(painted.error())
                .fetch(painted.visibleError())
                .run()) {
      return new Errors(
          Tensors.floats((TFloat32) result.get(0)), Tensors.floats((TFloat32) result.get(1)));
    }
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
