package dev.mlit.cluster;

import dev.mlit.data.Batches;
import dev.mlit.spec.ClusterSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.tensorflow.Sessions;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;

/**
 * The workers that train a run, as one of them sees them. Each takes its share of every batch; what
 * they add up is the same on all of them, and so are the weights.
 *
 * @since 0.1.0
 */
public final class Workers implements AutoCloseable {
  /** A sum fails before the timeout is over, so that all workers have time to find out why. */
  private static final double SHARE_OF_TIMEOUT = 0.75;

  private final @Nullable Cluster cluster;
  private final @Nullable Exchange exchange;
  private final int index;
  private final int count;
  private final int timeout;

  private Workers(@Nullable Cluster cluster, int timeout) {
    this.cluster = cluster;
    this.timeout = timeout;
    this.exchange = cluster == null ? null : cluster.exchange();
    this.index = cluster == null ? 0 : cluster.spec().index();
    this.count = cluster == null ? 1 : cluster.spec().size();
  }

  /** The one worker of a run that is trained by this process only. */
  public static Workers alone() {
    return new Workers(null, 0);
  }

  /**
   * Joins the others of a cluster, and waits until all are there.
   *
   * @param waiting learns which workers are waited for, where that takes more than a moment
   * @throws dev.mlit.spec.InvalidInputException if this worker's port cannot be had
   * @throws WorkerLostException if one does not come in time
   */
  public static Workers join(ClusterSpec spec, RunSpec run, Attendance.Waiting waiting) {
    int timeout = run.training().workerTimeout();
    float collective = (float) (timeout * SHARE_OF_TIMEOUT);
    Cluster cluster = Cluster.join(spec, run.training().threads(), collective);
    Attendance.call(spec, timeout, waiting);
    return new Workers(cluster, timeout);
  }

  /** Whether it writes checkpoints, logs and the export. */
  public boolean isFirst() {
    return index == 0;
  }

  /** This worker, from 0. */
  public int index() {
    return index;
  }

  public int count() {
    return count;
  }

  /** This worker's share of every batch. */
  public Batches.Share share() {
    return new Batches.Share(index, count);
  }

  public boolean areSeveral() {
    return count > 1;
  }

  /** A sum over the workers, for one graph that {@link #openToTrain} opens. */
  public AllReduce allReduce() {
    return cluster == null ? AllReduce.ALONE : cluster.allReduce();
  }

  /** A session on a graph that trains; see {@link Sessions#openToTrain}. */
  public Session openToTrain(Graph graph, int threads, CompileOptions options) {
    return cluster == null
        ? Sessions.openToTrain(graph, threads, options)
        : cluster.openToTrain(graph, options);
  }

  /** The values of every worker, the same number each, in the order of the workers. */
  int[][] all(int[] values) {
    return exchange == null ? new int[][] {values} : exchange.all(values);
  }

  /** The sum of all workers' values, number by number, modulo 2^32. */
  public int[] sum(int[] values) {
    return exchange == null ? values : exchange.sum(values);
  }

  /** As above, added up in the order of the workers, which gives all of them the same bits. */
  public double[] sum(double[] values) {
    int[] halves = new int[2 * values.length];
    for (int i = 0; i < values.length; i++) {
      long bits = Double.doubleToRawLongBits(values[i]);
      halves[2 * i] = (int) (bits >>> Integer.SIZE);
      halves[2 * i + 1] = (int) bits;
    }
    double[] sums = new double[values.length];
    for (int[] ofWorker : all(halves)) {
      for (int i = 0; i < values.length; i++) {
        long low = ofWorker[2 * i + 1] & 0xffff_ffffL;
        sums[i] += Double.longBitsToDouble(((long) ofWorker[2 * i] << Integer.SIZE) | low);
      }
    }
    return sums;
  }

  /** The signals that any worker raises. */
  public Signals all(Signals raised) {
    int[] sums = sum(new int[] {raised.stop() ? 1 : 0, raised.end() ? 1 : 0});
    return new Signals(sums[0] > 0, sums[1] > 0);
  }

  /** The values of the first worker. */
  public int[] first(int[] values) {
    return exchange == null ? values : exchange.first(values);
  }

  /** As above, bit by bit. */
  public float[] first(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return floats(first(bits));
  }

  /** The numbers that have these bits. */
  public static float[] floats(int[] bits) {
    float[] values = new float[bits.length];
    for (int i = 0; i < bits.length; i++) {
      values[i] = Float.intBitsToFloat(bits[i]);
    }
    return values;
  }

  /**
   * Does work that needs the other workers.
   *
   * @throws WorkerLostException if one of them is gone or does not answer
   */
  public <T> T together(Supplier<T> work) {
    if (cluster == null) {
      return work.get();
    }
    try {
      return work.get();
    } catch (TensorFlowException e) {
      throw Attendance.missing(cluster.spec(), timeout, e);
    }
  }

  /** The name of a worker, for a message. */
  String name(int worker) {
    return cluster == null ? "worker 0" : cluster.spec().name(worker);
  }

  @Override
  public void close() {
    if (exchange != null) {
      exchange.close();
    }
  }
}
