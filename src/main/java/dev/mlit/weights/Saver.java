package dev.mlit.weights;

import dev.mlit.tensorflow.Operations;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.tensorflow.Graph;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.SaverDef;
import org.tensorflow.proto.TrackableObjectGraphOuterClass.TrackableObjectGraph;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * Saves variables to TensorFlow's checkpoint files, {@code PREFIX.index} and {@code
 * PREFIX.data-00000-of-00001}, and restores them.
 *
 * <p>{@code Session.save} of TensorFlow Java knows only reference variables; these are the
 * operations that Python's {@code Saver} makes, so Python reads the files and finds the operations.
 *
 * @since 0.1.0
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
    this(graph, scope, variables, UnaryOperator.identity());
  }

  /**
   * Adds the operations to the graph.
   *
   * @param scope the name they go under
   * @param savedAs what a variable is called in the files, by its name
   */
  public Saver(Graph graph, String scope, List<Variable> variables, UnaryOperator<String> savedAs) {
    this(graph, scope, variables, savedAs, Map.of());
  }

  /**
   * Adds the operations to the graph, for files as Python's TensorFlow 2 writes them: under the
   * names of {@link CheckpointKeys}, and with a description of the objects.
   *
   * @param scope the name they go under; Python expects {@code save}
   * @param objects whose the variables are
   */
  public static Saver ofObjects(
      Graph graph, String scope, List<Variable> variables, TrackableObjectGraph objects) {
    return new Saver(
        graph,
        scope,
        variables,
        CheckpointKeys::of,
        Map.of(CheckpointKeys.OBJECTS, objects.toByteArray()));
  }

  private Saver(
      Graph graph,
      String scope,
      List<Variable> variables,
      UnaryOperator<String> savedAs,
      Map<String, byte[]> entries) {
    Ops tf = Operations.of(graph).withSubScope(scope);
    List<String> names = variables.stream().map(Variable::name).map(savedAs).toList();
    this.prefix =
        tf.withName("Const")
            .placeholderWithDefault(tf.constant("model"), Shape.scalar())
            .asOutput();
    List<String> written = new ArrayList<>(names);
    List<Output<?>> tensors = new ArrayList<>();
    variables.forEach(variable -> tensors.add(variable.value().asOutput()));
    entries.forEach(
        (name, value) -> {
          written.add(name);
          tensors.add(CheckpointOps.bytes(tf, value));
        });
    this.save = CheckpointOps.save(tf, prefix, written, tensors);
    this.saved =
        tf.withName("control_dependency")
            .withControlDependencyOps(List.of(save))
            .identity(prefix)
            .asOutput();
    this.restore = assign(tf, CheckpointOps.restore(tf, prefix, names), variables);
  }

  private static Operation assign(Ops tf, Operation values, List<Variable> variables) {
    List<Op> assigned = new ArrayList<>();
    for (int i = 0; i < variables.size(); i++) {
      assigned.add(tf.assignVariableOp(variables.get(i).handle(), values.<TType>output(i)));
    }
    return tf.withName("restore_all").withControlDependencies(assigned).noOp().op();
  }

  /** Writes the variables; the directory of the prefix must exist. */
  public void save(Session session, Path prefix) {
    try (TString path = TString.scalarOf(prefix.toString())) {
      session.runner().feed(this.prefix, path).addTarget(save).run().close();
    }
  }

  /**
   * Reads the variables back. The files may come from anyone, so they are checked here first:
   * TensorFlow's reader ends the process on an index that is made to do so.
   *
   * @throws dev.mlit.spec.InvalidInputException if the files are missing or damaged
   */
  public void restore(Session session, Path prefix) {
    CheckpointFile.open(prefix);
    try (TString path = TString.scalarOf(prefix.toString())) {
      session.runner().feed(this.prefix, path).addTarget(restore).run().close();
    }
  }

  /** The names of these operations, for a SavedModel. */
  public SaverDef def() {
    return SaverDef.newBuilder()
        .setFilenameTensorName(prefix.op().name() + ":0")
        .setSaveTensorName(saved.op().name() + ":0")
        .setRestoreOpName(restore.name())
        .setVersion(SaverDef.CheckpointFormatVersion.V2)
        .build();
  }
}
