package dev.mlit.tensorflow;

import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.tensorflow.Graph;
import org.tensorflow.Operation;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;

/**
 * Copies of graphs in which the variables are constants: TensorFlow computes what depends on the
 * weights only once, not at every run, and lays them out for its matrix products.
 *
 * @since 0.1.0
 */
public final class FrozenGraph {
  private static final String HANDLE = "VarHandleOp";
  private static final String READ = "ReadVariableOp";
  private static final String CONSTANT = "Const";

  private FrozenGraph() {}

  /**
   * Copies a graph with the present values of its variables, which are float32.
   *
   * @param source the graph as a message
   * @param graph the same, which gets an operation more for every variable that is needed
   * @param session holds the values
   * @param outputs names of the tensors to compute; what they do not need is left out
   */
  public static Graph of(GraphDef source, Graph graph, Session session, List<String> outputs) {
    Collection<NodeDef> nodes = leadingTo(outputs, source);
    return of(source, nodes, constants(graph, session, variables(nodes)));
  }

  /**
   * Copies a graph with given values of its variables.
   *
   * @param source the graph as a message
   * @param values makes the {@link #constant} of a variable's name
   * @param outputs names of the tensors to compute
   */
  public static Graph of(GraphDef source, Function<String, NodeDef> values, List<String> outputs) {
    Collection<NodeDef> nodes = leadingTo(outputs, source);
    return of(source, nodes, variables(nodes).stream().map(values).toList());
  }

  /**
   * Copies a graph with the values that its variables have in another one.
   *
   * @param source the graph as a message
   * @param other a frozen graph
   * @param outputs names of the tensors to compute
   * @throws IllegalArgumentException if the other one lacks a variable
   */
  public static Graph of(GraphDef source, Graph other, List<String> outputs) {
    Collection<NodeDef> nodes = leadingTo(outputs, source);
    Set<String> variables = variables(nodes);
    List<NodeDef> constants =
        other.toGraphDef().getNodeList().stream()
            .filter(node -> node.getOp().equals(CONSTANT) && variables.contains(node.getName()))
            .toList();
    if (constants.size() < variables.size()) {
      throw new IllegalArgumentException("the other graph lacks one of " + variables);
    }
    return of(source, nodes, constants);
  }

  private static Graph of(GraphDef source, Collection<NodeDef> nodes, List<NodeDef> constants) {
    GraphDef.Builder frozen = GraphDef.newBuilder().setVersions(source.getVersions());
    frozen.addAllNode(constants);
    for (NodeDef node : nodes) {
      if (!node.getOp().equals(HANDLE)) {
        frozen.addNode(node.getOp().equals(READ) ? identity(node) : node);
      }
    }
    Graph copy = new Graph();
    copy.importGraphDef(frozen.build());
    return copy;
  }

  /** An identity in place of the operation that reads a variable. */
  private static NodeDef identity(NodeDef read) {
    return read.toBuilder()
        .setOp("Identity")
        .clearAttr()
        .putAttr("T", AttrValue.newBuilder().setType(DataType.DT_FLOAT).build())
        .build();
  }

  /** The operations that the outputs need. */
  private static Collection<NodeDef> leadingTo(List<String> outputs, GraphDef graph) {
    Map<String, NodeDef> byName = new LinkedHashMap<>();
    graph.getNodeList().forEach(node -> byName.put(node.getName(), node));
    Map<String, NodeDef> needed = new LinkedHashMap<>();
    Deque<String> open = new ArrayDeque<>(outputs);
    while (!open.isEmpty()) {
      String name = operation(open.pop());
      NodeDef node = byName.get(name);
      if (node == null) {
        throw new IllegalArgumentException(name + ": no such operation in the graph");
      }
      if (needed.put(name, node) == null) {
        node.getInputList().forEach(open::push);
      }
    }
    return needed.values();
  }

  /** The operation of a tensor or input such as {@code a}, {@code a:1} or {@code ^a}. */
  private static String operation(String input) {
    return input.replaceFirst("^\\^", "").replaceFirst(":\\d+$", "");
  }

  /** The names of the variables among operations. */
  private static Set<String> variables(Collection<NodeDef> nodes) {
    Set<String> names = new LinkedHashSet<>();
    nodes.stream().filter(n -> n.getOp().equals(HANDLE)).forEach(n -> names.add(n.getName()));
    return names;
  }

  /** For every variable a constant of its name. */
  private static List<NodeDef> constants(Graph graph, Session session, Set<String> variables) {
    List<String> names = List.copyOf(variables);
    if (names.isEmpty()) {
      return List.of();
    }
    Session.Runner runner = session.runner();
    names.forEach(name -> runner.fetch(read(graph, name).output(0)));
    List<NodeDef> constants = new ArrayList<>();
    try (Result values = runner.run()) {
      for (int i = 0; i < names.size(); i++) {
        TFloat32 value = (TFloat32) values.get(i);
        List<Long> shape = Arrays.stream(value.shape().asArray()).boxed().toList();
        constants.add(constant(names.get(i), shape, Tensors.floats(value)));
      }
    }
    return constants;
  }

  private static Operation read(Graph graph, String variable) {
    return graph
        .opBuilder(READ, "freeze/" + variable, graph.baseScope())
        .addInput(graph.operationOrThrow(variable).output(0))
        .setAttr("dtype", DataType.DT_FLOAT)
        .build();
  }

  /** The constant that replaces a variable in a frozen graph: its values, row-major. */
  public static NodeDef constant(String name, List<Long> sizes, float[] floats) {
    ByteBuffer bytes = ByteBuffer.allocate(floats.length * Float.BYTES);
    bytes.order(ByteOrder.nativeOrder()).asFloatBuffer().put(floats);
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long size : sizes) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    TensorProto tensor =
        TensorProto.newBuilder()
            .setDtype(DataType.DT_FLOAT)
            .setTensorShape(shape)
            .setTensorContent(UnsafeByteOperations.unsafeWrap(bytes))
            .build();
    return NodeDef.newBuilder()
        .setName(name)
        .setOp(CONSTANT)
        .putAttr("dtype", AttrValue.newBuilder().setType(DataType.DT_FLOAT).build())
        .putAttr("value", AttrValue.newBuilder().setTensor(tensor).build())
        .build();
  }
}
