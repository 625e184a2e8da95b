package dev.mlit.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/**
 * Gradient accumulation. If it fails, a batch that is computed in parts is another step than the
 * batch, and nobody sees more of it than a lower accuracy.
 */
class AccumulationTest {
  /** The gradient of the mean of a batch's losses is the mean of these. */
  private static final float[] OF_IMAGES = {1, -2, 4, 8, 0.5f, 3, -7};

  @Test
  void partsOfUnequalSizeAddUpToTheMeanOverTheBatch() {
    try (Accumulated accumulated = new Accumulated()) {
      accumulated.add(0, 3);
      accumulated.add(3, 6);
      accumulated.add(6, 7);

      assertThat(accumulated.sum()).isEqualTo(mean(0, 7), within(1e-6f));
    }
  }

  @Test
  void firstPartOfTheNextBatchStartsAnew() {
    try (Accumulated accumulated = new Accumulated()) {
      accumulated.add(0, 3);
      accumulated.add(3, 7);
      accumulated.add(0, 7);

      assertThat(accumulated.sum()).isEqualTo(mean(0, 7), within(1e-6f));
    }
  }

  private static float mean(int first, int end) {
    float sum = 0;
    for (int i = first; i < end; i++) {
      sum += OF_IMAGES[i];
    }
    return sum / (end - first);
  }

  private static final class Accumulated implements AutoCloseable {
    static {
      Sessions.load();
    }

    private final Graph graph = new Graph();
    private final Placeholder<TFloat32> gradient;
    private final Placeholder<TFloat32> share;
    private final Accumulation accumulation;
    private final Operand<TFloat32> sum;
    private final Session session;

    Accumulated() {
      Ops tf = Operations.of(graph);
      Variables variables = Variables.restored(graph);
      Variable weight = variables.zeros("kernel", Shape.scalar());
      this.gradient = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
      this.share = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
      this.accumulation = new Accumulation(tf, variables, Map.of(weight, gradient), share);
      this.sum = accumulation.sums().values().iterator().next();
      this.session = Sessions.open(graph, 1);
      variables.initialize(session);
    }

    /** Adds the images of a part. */
    void add(int first, int end) {
      try (TFloat32 own = TFloat32.scalarOf(mean(first, end));
          TFloat32 part = TFloat32.scalarOf((end - first) / (float) OF_IMAGES.length)) {
        Session.Runner runner = session.runner().feed(gradient, own).feed(share, part);
        accumulation.add(first == 0).forEach(runner::addTarget);
        runner.run().close();
      }
    }

    float sum() {
      try (Result result = session.runner().fetch(sum).run()) {
        return ((TFloat32) result.get(0)).getFloat();
      }
    }

    @Override
    public void close() {
      session.close();
      graph.close();
    }
  }
}
