package dev.mlit.train.step;

import dev.mlit.cluster.AllReduce;
import dev.mlit.cluster.Signals;
import dev.mlit.weights.Variable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/**
 * The gradients of a batch that several workers share: what each one's images add to them, summed.
 * They are sent as one vector, together with the workers' signals to each other.
 */
final class SharedGradients {
  private final Map<Variable, Operand<TFloat32>> sums = new LinkedHashMap<>();
  private final Placeholder<TFloat32> raised;
  private final Operand<TFloat32> signals;

  /**
   * Adds the sums to the graph.
   *
   * @param gradients what this worker's images add to the gradients
   */
  SharedGradients(Ops ops, AllReduce workers, Map<Variable, Operand<TFloat32>> gradients) {
    Ops tf = ops.withSubScope("shared_gradients");
    this.raised =
        tf.withName("signals")
            .placeholder(TFloat32.class, Placeholder.shape(Shape.of(Signals.COUNT)));
    List<Operand<TFloat32>> parts = new ArrayList<>();
    int[] lengths = new int[gradients.size() + 1];
    gradients.forEach(
        (variable, gradient) -> {
          lengths[parts.size()] = Math.toIntExact(variable.shape().size());
          parts.add(tf.reshape(gradient, tf.constant(new int[] {-1})));
        });
    lengths[parts.size()] = Signals.COUNT;
    parts.add(raised);
    Operand<TFloat32> sum = workers.sum(tf, tf.concat(parts, tf.constant(0)));
    List<Output<TFloat32>> split =
        tf.splitV(sum, tf.constant(lengths), tf.constant(0), (long) lengths.length).output();
    for (Variable variable : gradients.keySet()) {
      sums.put(
          variable, tf.reshape(split.get(sums.size()), tf.constant(variable.shape().asArray())));
    }
    this.signals = split.get(gradients.size());
  }

  /** The gradients of the whole batch. */
  Map<Variable, Operand<TFloat32>> gradients() {
    return sums;
  }

  /** To be fed with the signals of this worker. */
  Placeholder<TFloat32> raised() {
    return raised;
  }

  /** How many workers have raised each signal. */
  Operand<TFloat32> signals() {
    return signals;
  }
}
