package dev.mlit.bench;

import dev.mlit.cluster.Attendance;
import dev.mlit.cluster.Cluster;
import dev.mlit.cluster.WorkerLostException;
import dev.mlit.spec.ClusterSpec;
import dev.mlit.spec.ModelCost;
import dev.mlit.spec.ModelSpec;
import dev.mlit.tensorflow.Operations;
import java.util.Arrays;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Times what several workers add to a step: the sums over all of them, and nothing else.
 *
 * @since 0.1.0
 */
public final class AllReduceBenchmark {
  private static final int TIMEOUT = 60;

  /** About as many as the forward pass of a step adds up: sizes, losses, routing. */
  private static final int SMALL = 128;

  private AllReduceBenchmark() {}

  /**
   * The result of a measurement.
   *
   * @param workers that add up
   * @param numbers of the vector: the parameters of the model
   * @param medianMs median milliseconds of a sum
   * @param minMs the fastest
   * @param maxMs the slowest
   * @param smallNumbers of a short vector
   * @param smallMs median milliseconds of its sum: the latency
   */
  public record Result(
      String model,
      int workers,
      long numbers,
      int steps,
      double medianMs,
      double minMs,
      double maxMs,
      int smallNumbers,
      double smallMs) {}

  /**
   * Times the sums; every worker of the cluster must do it.
   *
   * @param threads of TensorFlow; 0 for one per core
   * @param warmup sums that are not counted
   * @param steps sums that are
   * @throws WorkerLostException if another worker does not come or is gone
   */
  public static Result run(ModelSpec model, ClusterSpec spec, int threads, int warmup, int steps) {
    Cluster cluster = Cluster.join(spec, threads, TIMEOUT);
    Attendance.call(spec, TIMEOUT, workers -> {});
    int numbers = Math.toIntExact(ModelCost.of(model).parameters());
    double[] large = time(cluster, numbers, warmup, steps);
    double[] small = time(cluster, SMALL, warmup, steps);
    return new Result(
        model.name(),
        spec.size(),
        numbers,
        steps,
        Benchmark.median(large),
        large[0],
        large[steps - 1],
        SMALL,
        Benchmark.median(small));
  }

  /** Milliseconds in ascending order. */
  private static double[] time(Cluster cluster, int numbers, int warmup, int steps) {
    try (Graph graph = new Graph()) {
      Ops tf = Operations.of(graph);
      // Made when it is needed: TensorFlow would fold a constant away.
      Operand<TFloat32> vector =
          tf.random.randomUniform(tf.constant(new int[] {numbers}), TFloat32.class);
      Operand<TFloat32> sum = cluster.allReduce().sum(tf, vector);
      Operand<TFloat32> last =
          tf.slice(sum, tf.constant(new int[] {numbers - 1}), tf.constant(new int[] {1}));
      double[] millis = new double[steps];
      try (Session session = cluster.open(graph)) {
        for (int i = 0; i < warmup + steps; i++) {
          long began = System.nanoTime();
          session.runner().fetch(last).run().close();
          if (i >= warmup) {
            millis[i - warmup] = (System.nanoTime() - began) / 1e6;
          }
        }
      }
      Arrays.sort(millis);
      return millis;
    }
  }
}
