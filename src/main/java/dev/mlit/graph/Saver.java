package dev.mlit.graph;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.SaverDef;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * Saves variables to TensorFlow's checkpoint files, {@code PREFIX.index} and {@code
 * PREFIX.data-00000-of-00001}, and restores them.
 *
 * <p>{@code Session.save} of TensorFlow Java knows only reference variables; these are the
 * operations that Python's {@code Saver} makes, so Python reads the files and finds the operations.
 */
public final class Saver {
  private final Output<TString> prefix;
  private final Operation save;
  private final Operation restore;
  private final Output<TString> saved;

  /**
   * Adds the operations to the graph.
   *
   * @param scope the name they go under; Python expects {@code save}
   */
  public Saver(Graph graph, String scope, List<Variable> variables) {
    Ops tf = Ops.create(graph).withSubScope(scope);
    String[] names = variables.stream().map(Variable::name).toArray(String[]::new);
    String[] whole = new String[names.length];
    Arrays.fill(whole, "");
    this.prefix =
        tf.withName("Const")
            .placeholderWithDefault(tf.constant("model"), Shape.scalar())
            .asOutput();
    Output<TString> tensorNames = tf.constant(StandardCharsets.UTF_8, names).asOutput();
    Output<TString> slices = tf.constant(StandardCharsets.UTF_8, whole).asOutput();
    this.save =
        tf.scope()
            .opBuilder("SaveV2", "SaveV2")
            .addInput(prefix)
            .addInput(tensorNames)
            .addInput(slices)
            .addInputList(
                variables.stream().map(v -> v.value().asOutput()).toArray(Output<?>[]::new))
            .build();
    this.saved =
        tf.withName("control_dependency")
            .withControlDependencyOps(List.of(save))
            .identity(prefix)
            .asOutput();
    this.restore = restore(tf, tensorNames, slices, variables);
  }

  private Operation restore(
      Ops tf, Output<TString> names, Output<TString> slices, List<Variable> variables) {
    DataType[] types = new DataType[variables.size()];
    Arrays.fill(types, DataType.DT_FLOAT);
    Operation read =
        tf.scope()
            .opBuilder("RestoreV2", "RestoreV2")
            .addInput(prefix)
            .addInput(names)
            .addInput(slices)
            .setAttr("dtypes", types)
            .build();
    List<Op> assigned = new ArrayList<>();
    for (int i = 0; i < variables.size(); i++) {
      assigned.add(tf.assignVariableOp(variables.get(i).handle(), read.<TType>output(i)));
    }
    return tf.withName("restore_all").withControlDependencies(assigned).noOp().op();
  }

  /** Writes the variables; the directory of the prefix must exist. */
  public void save(Session session, Path prefix) {
    try (TString path = TString.scalarOf(prefix.toString())) {
      session.runner().feed(this.prefix, path).addTarget(save).run().close();
    }
  }

  /** Reads the variables back. */
  public void restore(Session session, Path prefix) {
    try (TString path = TString.scalarOf(prefix.toString())) {
      session.runner().feed(this.prefix, path).addTarget(restore).run().close();
    }
  }

  /** What a SavedModel says of these operations. */
  public SaverDef def() {
    return SaverDef.newBuilder()
        .setFilenameTensorName(prefix.op().name() + ":0")
        .setSaveTensorName(saved.op().name() + ":0")
        .setRestoreOpName(restore.name())
        .setVersion(SaverDef.CheckpointFormatVersion.V2)
        .build();
  }
}
