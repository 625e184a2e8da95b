package dev.mlit.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.tensorflow.Operations;
import dev.mlit.tensorflow.Sessions;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * The average of the weights against its formula. If it fails, a run tests and exports a model that
 * it never was near.
 */
class ExponentialMovingAverageTest {
  /** What the weight is after every step. */
  private static final float[] WEIGHTS = {3, -1, 4, 1, -5, 9, 2, -6, 5, 3, -5, 8};

  @Test
  void isTheWeightAfterTheFirstStepAndThenFollowsItMoreAndMoreSlowly() {
    float[] averages = run(0.4);

    double average = 0;
    for (int t = 0; t < WEIGHTS.length; t++) {
      double decay = Math.min(0.4, t / (t + 10.0));
      average = decay * average + (1 - decay) * WEIGHTS[t];
      assertThat((double) averages[t]).as("after step " + t).isEqualTo(average, within(1e-5));
    }
    assertThat(averages[0]).isEqualTo(WEIGHTS[0]);
  }

  @Test
  void ofAWeightThatStaysIsThatWeightBitForBit() {
    Sessions.load();
    try (Graph graph = new Graph()) {
      float[] averages = run(graph, 0.999, new float[] {0.1f, 0.1f, 0.1f, 0.1f, 0.1f});
      assertThat(averages).containsOnly(0.1f);
    }
  }

  private static float[] run(double decay) {
    Sessions.load();
    try (Graph graph = new Graph()) {
      return run(graph, decay, WEIGHTS);
    }
  }

  /** The average after every step; a step sets the weight to the next value. */
  private static float[] run(Graph graph, double decay, float[] values) {
    Ops tf = Operations.of(graph);
    Variables variables = Variables.restored(graph);
    Variable weight = variables.zeros("layer/kernel", Shape.of(1));
    Placeholder<TInt64> step = tf.placeholder(TInt64.class, Placeholder.shape(Shape.scalar()));
    Operand<TFloat32> all = tf.constant(values);
    Operand<TFloat32> next =
        tf.reshape(tf.gather(all, step, tf.constant(0)), tf.constant(new int[] {1}));
    Op update = tf.assignVariableOp(weight.handle(), next);
    ExponentialMovingAverage average =
        new ExponentialMovingAverage(tf, decay, List.of(weight), variables, step, List.of(update));
    float[] averages = new float[values.length];
    try (Session session = Sessions.open(graph, 1)) {
      variables.initialize(session);
      for (int t = 0; t < values.length; t++) {
        try (TInt64 number = TInt64.scalarOf(t)) {
          Session.Runner runner = session.runner().feed(step, number).addTarget(update);
          average.updates().forEach(runner::addTarget);
          runner.run().close();
        }
        averages[t] = tested(session, average, weight);
      }
    }
    return averages;
  }

  /** What a run with the averages sees as the weight. */
  private static float tested(Session session, ExponentialMovingAverage average, Variable weight) {
    try (ExponentialMovingAverage.Values values = average.read(session)) {
      Session.Runner runner = session.runner();
      values.feed(runner);
      Ops tf = Operations.of((Graph) weight.value().op().env());
      try (Result result = runner.fetch(tf.math.mul(weight.value(), tf.constant(1f))).run()) {
        return ((TFloat32) result.get(0)).getFloat(0);
      }
    }
  }
}
