package dev.mlit.insight;

import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.train.WriteFailedException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.summary.SummaryWriter;
import org.tensorflow.op.summary.WriteImageSummary;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.SessionLog;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/**
 * An event file in TensorBoard's format, written by TensorFlow's own summary operations, in a graph
 * and session of its own.
 */
final class SummaryFile implements AutoCloseable {
  private static final int QUEUE = 100;
  private static final int FLUSH_MILLIS = 10_000;

  private final Path directory;
  private final Graph graph = Sessions.newGraph();
  private final Session session;
  private final Placeholder<TInt64> step;
  private final Placeholder<TString> tag;
  private final Placeholder<TFloat32> value;
  private final Placeholder<TUint8> image;
  private final Placeholder<TString> event;
  private final Op scalar;
  private final Op histogram;
  private final Op picture;
  private final Op imported;
  private final Op flush;
  private final Op close;

  static {
    Sessions.load();
  }

  /**
   * Creates a file with a name that no other has.
   *
   * @throws WriteFailedException if it cannot be written
   */
  SummaryFile(Path directory) {
    this.directory = directory;
    Ops tf = Operations.of(graph);
    this.step = tf.placeholder(TInt64.class, Placeholder.shape(Shape.scalar()));
    this.tag = tf.placeholder(TString.class, Placeholder.shape(Shape.scalar()));
    this.value = tf.placeholder(TFloat32.class);
    this.image = tf.placeholder(TUint8.class);
    this.event = tf.placeholder(TString.class, Placeholder.shape(Shape.scalar()));
    SummaryWriter writer = tf.summary.summaryWriter(SummaryWriter.sharedName("events"));
    Op create = create(tf, writer, directory);
    this.scalar = tf.summary.writeScalarSummary(writer, step, tag, value);
    this.histogram = tf.summary.writeHistogramSummary(writer, step, tag, value);
    Operand<TUint8> badColor =
        tf.constant(TUint8.tensorOf(NdArrays.vectorOf((byte) 255, (byte) 0, (byte) 0)));
    this.picture =
        tf.summary.writeImageSummary(
            writer, step, tag, image, badColor, WriteImageSummary.maxImages(1L));
    this.imported = tf.summary.importEvent(writer, event);
    this.flush = tf.summary.flushSummaryWriter(writer);
    this.close = tf.summary.closeSummaryWriter(writer);
    this.session = Sessions.open(graph, 1);
    try {
      run(runner -> runner.addTarget(create));
    } catch (RuntimeException e) {
      session.close();
      graph.close();
      throw e;
    }
  }

  private static Op create(Ops tf, SummaryWriter writer, Path directory) {
    // The name already has the second and the host; a run may resume within a second.
    String suffix = "." + ProcessHandle.current().pid() + "." + System.nanoTime() + ".v2";
    return tf.summary.createSummaryFileWriter(
        writer,
        tf.constant(directory.toString()),
        tf.constant(QUEUE),
        tf.constant(FLUSH_MILLIS),
        tf.constant(suffix));
  }

  void scalar(String tag, long step, double value) {
    try (TFloat32 number = TFloat32.scalarOf((float) value)) {
      write(scalar, tag, step, this.value, number);
    }
  }

  /** TensorBoard shows how the values are spread. */
  void histogram(String tag, long step, float[] values) {
    try (TFloat32 numbers = TFloat32.vectorOf(values)) {
      write(histogram, tag, step, this.value, numbers);
    }
  }

  void picture(String tag, long step, ImageGrid grid) {
    try (TUint8 tensor =
        TUint8.tensorOf(
            Shape.of(1, grid.height(), grid.width(), grid.channels()),
            DataBuffers.of(grid.pixels(), true, false))) {
      write(picture, tag, step, image, tensor);
    }
  }

  /** Says that a process starts here: what earlier files have of this step and later is void. */
  void restart(long step) {
    byte[] bytes =
        Event.newBuilder()
            .setWallTime(System.currentTimeMillis() / 1000.0)
            .setStep(step)
            .setSessionLog(SessionLog.newBuilder().setStatus(SessionLog.SessionStatus.START))
            .build()
            .toByteArray();
    try (TString serialized = TString.tensorOfBytes(NdArrays.scalarOfObject(bytes))) {
      run(runner -> runner.feed(event, serialized).addTarget(imported));
    }
  }

  /** Hands what was written to the system. */
  void flush() {
    run(runner -> runner.addTarget(flush));
  }

  private void write(Op op, String tag, long step, Operand<?> input, Tensor value) {
    try (TString name = TString.scalarOf(tag);
        TInt64 at = TInt64.scalarOf(step)) {
      run(
          runner ->
              runner.feed(this.tag, name).feed(this.step, at).feed(input, value).addTarget(op));
    }
  }

  private void run(UnaryOperator<Session.Runner> action) {
    try {
      action.apply(session.runner().setOptions(Sessions.onCallingThread())).run().close();
    } catch (TensorFlowException | TFInvalidArgumentException e) {
      throw WriteFailedException.of(directory.resolve("events.out.tfevents"), e);
    }
  }

  @Override
  public void close() {
    try {
      run(runner -> runner.addTarget(close));
    } finally {
      session.close();
      graph.close();
    }
  }
}
