package dev.mlit.augment;

import dev.mlit.augment.Augmentations.Augmented;
import dev.mlit.data.Batch;
import dev.mlit.spec.ImageShape;
import dev.mlit.spec.RunSpec;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.tensorflow.Tensors;
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
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;

/**
 * A graph of a run's augmentation only, to show what it does to images.
 *
 * @since 0.1.0
 */
public final class AugmentedImages implements AutoCloseable {
  private static final float WHITE = 255;

  private final RunSpec run;
  private final ImageShape shape;
  private final Graph graph = Sessions.newGraph();
  private final Placeholder<TUint8> images;
  private final Placeholder<TInt32> labels;
  private final Placeholder<TInt64> step;
  private final Operand<TUint8> pixels;
  private final Operand<TFloat32> targets;
  private final Session session;

  static {
    Sessions.load();
  }

  public AugmentedImages(RunSpec run) {
    Sessions.load(run.training().threads());
    this.run = run;
    this.shape = run.model().image();
    Ops tf = Operations.of(graph);
    this.images = tf.placeholder(TUint8.class, Placeholder.shape(Tensors.images(shape)));
    this.labels = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
    this.step = tf.placeholder(TInt64.class, Placeholder.shape(Shape.scalar()));
    Augmented augmented = Augmentations.ofRun(tf, run, images, labels, step);
    this.pixels =
        tf.dtypes.cast(
            tf.math.rint(tf.math.mul(augmented.images(), tf.constant(WHITE))), TUint8.class);
    this.targets = augmented.targets();
    // With the options of a run's session, so that a place halfway between two pixels is rounded
    // the same way.
    CompileOptions options = CompileOptions.ofMachine().multiplyingIn(run.training().precision());
    this.session = Sessions.openToTrain(graph, run.training().threads(), options);
  }

  public RunSpec run() {
    return run;
  }

  /**
   * Augmented images.
   *
   * @param pixels uint8 [images, height, width, channels]
   * @param targets [images, classes], the shares of the classes
   */
  public record Variant(byte[] pixels, float[][] targets) {}

  /** Augments images as in this step, counted from 0. */
  public Variant of(Batch batch, long step) {
    Shape batchShape = Shape.of(batch.size(), shape.height(), shape.width(), shape.channels());
    try (TUint8 input = TUint8.tensorOf(batchShape, DataBuffers.of(batch.pixels(), true, false));
        TInt32 classes = TInt32.vectorOf(batch.labels());
        TInt64 number = TInt64.scalarOf(step);
        Result result =
            session
                .runner()
                .feed(images, input)
                .feed(labels, classes)
                .feed(this.step, number)
                .fetch(pixels)
                .fetch(targets)
                .run()) {
      byte[] bytes = new byte[batch.pixels().length];
      ((TUint8) result.get(0)).asRawTensor().data().read(bytes);
      return new Variant(bytes, StdArrays.array2dCopyOf((TFloat32) result.get(1)));
    }
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
