package dev.mlit.train.step;

import dev.mlit.spec.ImageShape;
import dev.mlit.tensorflow.Tensors;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;

/**
 * What a training graph is fed with.
 *
 * @param shape of an image
 * @param images uint8 [batch, height, width, channels]
 * @param labels [batch], the classes
 * @param step the number of steps before this one, a scalar
 * @param draw what random numbers depend on, beside the seed: a scalar, the step, and another
 *     number for every further part of a batch
 * @param rate the learning rate, a scalar
 * @param share of a part in its batch, a scalar
 */
record TrainingInputs(
    ImageShape shape,
    Placeholder<TUint8> images,
    Placeholder<TInt32> labels,
    Placeholder<TInt64> step,
    Placeholder<TInt64> draw,
    Placeholder<TFloat32> rate,
    Placeholder<TFloat32> share) {

  /** No step comes that far. */
  private static final int BITS_OF_STEPS = 40;

  /** Adds the inputs to a graph. */
  static TrainingInputs of(Ops tf, ImageShape shape) {
    Placeholder.Options scalar = Placeholder.shape(Shape.scalar());
    return new TrainingInputs(
        shape,
        tf.withName("images").placeholder(TUint8.class, Placeholder.shape(Tensors.images(shape))),
        tf.withName("labels")
            .placeholder(TInt32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE))),
        tf.withName("step").placeholder(TInt64.class, scalar),
        tf.withName("draw").placeholder(TInt64.class, scalar),
        tf.withName("rate").placeholder(TFloat32.class, scalar),
        tf.withName("share").placeholder(TFloat32.class, scalar));
  }

  /** Some images of many as a tensor, without copying them first. */
  TUint8 tensor(byte[] pixels, int first, int count) {
    Shape sizes = Shape.of(count, shape.height(), shape.width(), shape.channels());
    long each = shape.values();
    return TUint8.tensorOf(
        sizes, DataBuffers.of(pixels, true, false).slice(first * each, count * each));
  }

  /**
   * A batch, or a part of one.
   *
   * @param pixels of the whole batch
   * @param first the first image of the part
   * @param labels of the part
   * @param number of the part, from 0, another one for every worker
   * @param share of the batch
   */
  record Part(byte[] pixels, int first, int[] labels, int number, double share) {}

  /** Tensors of a part and a step; close them when they are used. */
  Fed fed(Part part, long step, double rate) {
    return new Fed(this, part, step, rate);
  }

  /** Tensors to feed. */
  static final class Fed implements AutoCloseable {
    private final TrainingInputs inputs;
    private final TUint8 images;
    private final TInt32 labels;
    private final TInt64 step;
    private final TInt64 draw;
    private final TFloat32 rate;
    private final TFloat32 share;

    private Fed(TrainingInputs inputs, Part part, long step, double rate) {
      this.inputs = inputs;
      this.images = inputs.tensor(part.pixels, part.first, part.labels.length);
      this.labels = TInt32.vectorOf(part.labels);
      this.step = TInt64.scalarOf(step);
      this.draw = TInt64.scalarOf(step + ((long) part.number << BITS_OF_STEPS));
      this.rate = TFloat32.scalarOf((float) rate);
      this.share = TFloat32.scalarOf((float) part.share);
    }

    /** Feeds all of them; a run may leave some of them unused. */
    Session.Runner to(Session.Runner runner) {
      return runner
          .feed(inputs.images, images)
          .feed(inputs.labels, labels)
          .feed(inputs.step, step)
          .feed(inputs.draw, draw)
          .feed(inputs.rate, rate)
          .feed(inputs.share, share);
    }

    @Override
    public void close() {
      images.close();
      labels.close();
      step.close();
      draw.close();
      rate.close();
      share.close();
    }
  }
}
