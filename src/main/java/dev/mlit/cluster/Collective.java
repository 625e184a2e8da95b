package dev.mlit.cluster;

import org.tensorflow.GraphOperationBuilder;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.Scope;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * TensorFlow's collective all-reduce, operation {@code CollectiveReduceV2}: a ring over gRPC, or
 * NCCL between GPUs. TensorFlow Java has only another version of it, which needs a communicator.
 *
 * @param workers that take part
 * @param key what tells this sum apart from others
 * @param timeout seconds that it waits for the others
 */
record Collective(int workers, int key, float timeout) implements AllReduce {
  private static final int GROUP = 1;

  @Override
  public Operand<TFloat32> sum(Ops tf, Operand<TFloat32> vector) {
    return add(tf, vector);
  }

  /** The sum of whole numbers. */
  Operand<TInt32> sumOfInts(Ops tf, Operand<TInt32> vector) {
    return add(tf, vector);
  }

  private <T extends TNumber> Operand<T> add(Ops tf, Operand<T> vector) {
    Scope scope = tf.scope();
    GraphOperationBuilder builder =
        (GraphOperationBuilder)
            scope
                .env()
                .opBuilder("CollectiveReduceV2", scope.makeOpName("CollectiveReduceV2"), scope);
    builder.addInput(vector.asOutput());
    builder.addInput(tf.constant(workers).asOutput());
    builder.addInput(tf.constant(GROUP).asOutput());
    builder.addInput(tf.constant(key).asOutput());
    builder.addInputList(new Output<?>[0]);
    builder.setAttr("merge_op", "Add");
    builder.setAttr("final_op", "Id");
    builder.setAttr("timeout_seconds", timeout);
    return builder.build().output(0);
  }
}
