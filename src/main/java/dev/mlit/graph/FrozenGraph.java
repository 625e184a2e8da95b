package dev.mlit.graph;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * weights alone once, not at every run, and lays them out for its matrix products.
 */
public final class FrozenGraph {
  private static final String HANDLE = "VarHandleOp";

  private FrozenGraph() {}

  /**
   * Copies a graph with the present values of its variables, which are float32. Functions that it
   * calls, as in what Python saves, are copied too.
   *
   * @param whole the graph as a message
   * @param graph the same or another with its variables, which gets an operation more for every
   *     variable that is needed
   * @param session holds the values
   * @param outputs names of the tensors to compute; what they do not need is left out
   */
  public static Graph of(GraphDef whole, Graph graph, Session session, List<String> outputs) {
    Collection<NodeDef> nodes = leadingTo(outputs, whole);
    GraphDef.Builder frozen = GraphDef.newBuilder().setVersions(whole.getVersions());
    frozen.addAllNode(constants(graph, session, nodes));
    FrozenFunctions functions = new FrozenFunctions(whole.getLibrary());
    for (NodeDef node : nodes) {
      if (!node.getOp().equals(HANDLE)) {
        frozen.addNode(functions.freeze(node));
      }
    }
    frozen.setLibrary(functions.frozen());
    Graph copy = new Graph();
    copy.importGraphDef(frozen.build());
    return copy;
  }

  /** The operations that the outputs need. */
  private static Collection<NodeDef> leadingTo(List<String> outputs, GraphDef graph) {
    Map<String, NodeDef> all = new LinkedHashMap<>();
    graph.getNodeList().forEach(node -> all.put(node.getName(), node));
    Map<String, NodeDef> needed = new LinkedHashMap<>();
    Deque<String> open = new ArrayDeque<>(outputs);
    while (!open.isEmpty()) {
      String name = operation(open.pop());
      NodeDef node = all.get(name);
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

  /** For every variable a constant of its name. */
  private static List<NodeDef> constants(Graph graph, Session session, Collection<NodeDef> nodes) {
    List<String> names =
        nodes.stream().filter(n -> n.getOp().equals(HANDLE)).map(NodeDef::getName).toList();
    if (names.isEmpty()) {
      return List.of();
    }
    Session.Runner runner = session.runner();
    names.forEach(name -> runner.fetch(read(graph, name).output(0)));
    List<NodeDef> constants = new ArrayList<>();
    try (Result values = runner.run()) {
      for (int i = 0; i < names.size(); i++) {
        constants.add(constant(names.get(i), (TFloat32) values.get(i)));
      }
    }
    return constants;
  }

  private static Operation read(Graph graph, String variable) {
    String name = "freeze/" + variable;
    Operation before = graph.operation(name);
    if (before != null) {
      return before;
    }
    return graph
        .opBuilder("ReadVariableOp", name, graph.baseScope())
        .addInput(graph.operationOrThrow(variable).output(0))
        .setAttr("dtype", DataType.DT_FLOAT)
        .build();
  }

  private static NodeDef constant(String name, TFloat32 value) {
    float[] floats = new float[(int) value.size()];
    value.asRawTensor().data().asFloats().read(floats);
    ByteBuffer bytes = ByteBuffer.allocate(floats.length * Float.BYTES);
    bytes.order(ByteOrder.nativeOrder()).asFloatBuffer().put(floats);
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long size : value.shape().asArray()) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    TensorProto tensor =
        TensorProto.newBuilder()
            .setDtype(DataType.DT_FLOAT)
            .setTensorShape(shape)
            .setTensorContent(ByteString.copyFrom(bytes))
            .build();
    return NodeDef.newBuilder()
        .setName(name)
        .setOp("Const")
        .putAttr("dtype", AttrValue.newBuilder().setType(DataType.DT_FLOAT).build())
        .putAttr("value", AttrValue.newBuilder().setTensor(tensor).build())
        .build();
  }
}
