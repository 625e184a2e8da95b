package dev.mlit.weights;

import dev.mlit.spec.seed.RunSeed;
import dev.mlit.tensorflow.Operations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/**
 * The variables of one graph, in the order of their creation.
 *
 * <p>Operations are named as Python's TensorFlow names them ({@code NAME}, {@code NAME/Assign},
 * {@code NAME/Read/ReadVariableOp}): Python finds them through a {@code VariableDef}.
 *
 * @since 0.1.0
 */
public final class Variables {
  private final Graph graph;
  private final Ops tf;
  private final @Nullable Long seed;
  private final Map<String, Variable> byName = new LinkedHashMap<>();
  private final Map<Shape, Operand<TFloat32>> zeros = new HashMap<>();

  private Variables(Graph graph, @Nullable Long seed) {
    this.graph = graph;
    // Initial values have a scope of their own, apart from the names of variables.
    this.tf = Operations.of(graph).withSubScope("initial");
    this.seed = seed;
  }

  /** Variables whose first values are drawn; equal seeds give equal values. */
  public static Variables random(Graph graph, long seed) {
    return new Variables(graph, seed);
  }

  /** Variables for a graph whose values are restored from a file; all zero until then. */
  public static Variables restored(Graph graph) {
    return new Variables(graph, null);
  }

  /**
   * Creates a variable.
   *
   * @throws IllegalStateException if there is one of this name
   */
  Variable create(String name, Initializer initial, boolean decays, Shape shape) {
    Operand<TFloat32> first =
        seed == null || initial == Initializer.ZEROS
            ? zeros(shape)
            : initial.value(tf, shape, new RunSeed(seed).variable(name));
    return create(name, first, decays, shape);
  }

  /**
   * Creates a variable that starts at zero, such as the state of an optimizer.
   *
   * @throws IllegalStateException if there is one of this name
   */
  public Variable zeros(String name, Shape shape) {
    return create(name, zeros(shape), false, shape);
  }

  /** Zeros, the same operation for all variables of a shape. */
  private Operand<TFloat32> zeros(Shape shape) {
    return zeros.computeIfAbsent(shape, absent -> Initializer.ZEROS.value(tf, shape, 0));
  }

  private Variable create(String name, Operand<TFloat32> first, boolean decays, Shape shape) {
    Operation handle =
        graph
            .opBuilder("VarHandleOp", name, graph.baseScope())
            .setAttr("shared_name", name)
            .setAttr("dtype", DataType.DT_FLOAT)
            .setAttr("shape", shape)
            .build();
    Operation assign =
        graph
            .opBuilder("AssignVariableOp", name + "/Assign", graph.baseScope())
            .addInput(handle.output(0))
            .addInput(first.asOutput())
            .setAttr("dtype", DataType.DT_FLOAT)
            .build();
    Operation read =
        graph
            .opBuilder("ReadVariableOp", name + "/Read/ReadVariableOp", graph.baseScope())
            .addInput(handle.output(0))
            .setAttr("dtype", DataType.DT_FLOAT)
            .build();
    Variable variable =
        new Variable(
            name, shape, decays, handle.<TType>output(0), read.<TFloat32>output(0), () -> assign);
    if (byName.put(name, variable) != null) {
      throw new IllegalStateException(name + ": two variables of this name");
    }
    return variable;
  }

  /** The variable of a name that was created. */
  Variable get(String name) {
    Variable variable = byName.get(name);
    if (variable == null) {
      throw new IllegalStateException(name + ": no variable of this name");
    }
    return variable;
  }

  /** All variables, in the order of their creation. */
  public List<Variable> all() {
    return List.copyOf(byName.values());
  }

  /** The names and shapes of all variables, in the order of their creation. */
  public Map<String, List<Long>> shapes() {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    byName.values().forEach(variable -> shapes.put(variable.name(), variable.sizes()));
    return shapes;
  }

  /** The number of all elements of all variables. */
  public long elements() {
    return byName.values().stream().mapToLong(Variable::size).sum();
  }

  /** Gives every variable its first value. */
  public void initialize(Session session) {
    List<Variable> variables = new ArrayList<>(byName.values());
    Session.Runner runner = session.runner();
    variables.forEach(v -> runner.addTarget(v.initializer()));
    runner.run().close();
  }
}
