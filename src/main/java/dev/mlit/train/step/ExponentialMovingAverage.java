package dev.mlit.train.step;

import dev.mlit.spec.RunSpec;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * The exponential moving average of a model's weights (Polyak and Juditsky 1992): a = a - (1 - d)
 * (a - w) after every step, d = min(decay, t / (t + 10)) for t = 0, 1, 2, ... steps before it. The
 * rising decay is that of TensorFlow's ExponentialMovingAverage, but that the average starts as the
 * weights after the first step.
 *
 * @since 0.1.0
 */
public final class ExponentialMovingAverage {
  /** The average of variable NAME is the variable {@code ema/NAME}. */
  public static final String SCOPE = "ema/";

  private static final long SLOWNESS = 10;

  /** The prefix in a run's checkpoints of the names of the weights that are tested. */
  public static String scope(RunSpec run) {
    return run.ema() == null ? "" : SCOPE;
  }

  private final Map<Variable, Variable> averages = new LinkedHashMap<>();
  private final List<Op> updates = new ArrayList<>();

  /**
   * Adds the averages and their update to the graph.
   *
   * @param weights the variables of the model
   * @param variables where the averages go
   * @param step the number of steps before this one, a scalar
   * @param before operations that change the weights; the averages wait for all of them
   */
  ExponentialMovingAverage(
      Ops ops,
      double decay,
      List<Variable> weights,
      Variables variables,
      Operand<TInt64> step,
      List<Op> before) {
    Ops tf = ops.withSubScope("ema");
    Operand<TFloat32> t = tf.dtypes.cast(step, TFloat32.class);
    Operand<TFloat32> rising = tf.math.div(t, tf.math.add(t, tf.constant((float) SLOWNESS)));
    Operand<TFloat32> stays = tf.math.minimum(tf.constant((float) decay), rising);
    Operand<TFloat32> moves = tf.math.sub(tf.constant(1f), stays);
    Ops after = tf.withControlDependencies(before);
    for (Variable weight : weights) {
      Variable average = variables.zeros(SCOPE + weight.name(), weight.shape());
      averages.put(weight, average);
      Operand<TFloat32> distance =
          tf.math.sub(average.value(), after.readVariableOp(weight.handle(), TFloat32.class));
      updates.add(tf.train.resourceApplyGradientDescent(average.handle(), moves, distance));
    }
  }

  /** The operations of one step; all must run. */
  List<Op> updates() {
    return updates;
  }

  /** The averages as they are now, to run the model with in place of its weights. */
  Values read(Session session) {
    Session.Runner runner = session.runner();
    averages.values().forEach(average -> runner.fetch(average.value()));
    return new Values(List.copyOf(averages.keySet()), runner.run());
  }

  /** Values for the weights of a model. */
  static final class Values implements AutoCloseable {
    private final List<Variable> weights;
    private final Result values;

    private Values(List<Variable> weights, Result values) {
      this.weights = weights;
      this.values = values;
    }

    /** Has a run of the session see these in place of the weights. */
    Session.Runner feed(Session.Runner runner) {
      for (int i = 0; i < weights.size(); i++) {
        runner.feed(weights.get(i).value(), values.get(i));
      }
      return runner;
    }

    @Override
    public void close() {
      values.close();
    }
  }
}
