package dev.mlit.cluster;

import dev.mlit.tensorflow.Operations;
import java.util.Arrays;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TInt32;

/**
 * Whole numbers that the workers of a cluster tell each other, outside of a step. A call of one
 * must be met by the same call of all others.
 *
 * @since 0.1.0
 */
public final class Exchange implements AutoCloseable {
  /** Numbers in a message: a collective operation has vectors of one length. */
  private static final int BLOCK = 1 << 16;

  private final int workers;
  private final int index;
  private final Graph graph = new Graph();
  private final Session session;
  private final Placeholder<TInt32> input;
  private final Operand<TInt32> sum;

  /** Opens the exchange of a worker; see {@link Cluster#exchange}. */
  Exchange(Cluster cluster, Collective collective) {
    this.workers = cluster.spec().size();
    this.index = cluster.spec().index();
    Ops tf = Operations.of(graph);
    this.input = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(BLOCK)));
    this.sum = collective.sumOfInts(tf, input);
    this.session = cluster.open(graph);
  }

  /** The sum over all workers, number by number, modulo 2^32. */
  public int[] sum(int[] values) {
    int[] sums = new int[values.length];
    for (int first = 0; first < values.length; first += BLOCK) {
      int count = Math.min(BLOCK, values.length - first);
      int[] block = Arrays.copyOf(Arrays.copyOfRange(values, first, first + count), BLOCK);
      try (TInt32 numbers = TInt32.vectorOf(block);
          Result result = session.runner().feed(input, numbers).fetch(sum).run()) {
        int[] found = StdArrays.array1dCopyOf((TInt32) result.get(0));
        System.arraycopy(found, 0, sums, first, count);
      }
    }
    return sums;
  }

  /**
   * The values of every worker.
   *
   * @param values as many on every worker
   * @return in the order of the workers
   */
  public int[][] all(int[] values) {
    int[] slots = new int[workers * values.length];
    System.arraycopy(values, 0, slots, index * values.length, values.length);
    int[] filled = sum(slots);
    int[][] all = new int[workers][];
    for (int i = 0; i < workers; i++) {
      all[i] = Arrays.copyOfRange(filled, i * values.length, (i + 1) * values.length);
    }
    return all;
  }

  /** The values of the first worker; of the others' values only the number matters. */
  public int[] first(int[] values) {
    return sum(index == 0 ? values : new int[values.length]);
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
