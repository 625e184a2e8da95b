package dev.mlit.graph;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
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
  private static final String READ = "ReadVariableOp";

  private FrozenGraph() {}

  /**
   * Copies a graph with the present values of its variables.
   *
   * @param session holds the values
   * @param outputs names of the operations to compute; what they do not need is left out
   */
  public static Graph of(Graph graph, Session session, List<String> outputs) {
    Map<String, NodeDef> nodes = leadingTo(outputs, graph.toGraphDef());
    List<NodeDef> reads = nodes.values().stream().filter(n -> n.getOp().equals(READ)).toList();
    GraphDef.Builder frozen = GraphDef.newBuilder();
    Session.Runner runner = session.runner();
    reads.forEach(read -> runner.fetch(read.getName()));
    try (Result values = runner.run()) {
      for (int i = 0; i < reads.size(); i++) {
        frozen.addNode(constant(reads.get(i).getName(), (TFloat32) values.get(i)));
      }
    }
    for (NodeDef node : nodes.values()) {
      if (!node.getOp().equals(READ) && !node.getOp().equals(HANDLE)) {
        frozen.addNode(node);
      }
    }
    Graph copy = new Graph();
    copy.importGraphDef(frozen.build());
    return copy;
  }

  /** The operations that the outputs need, by name. */
  private static Map<String, NodeDef> leadingTo(List<String> outputs, GraphDef graph) {
    Map<String, NodeDef> all = new LinkedHashMap<>();
    graph.getNodeList().forEach(node -> all.put(node.getName(), node));
    Map<String, NodeDef> needed = new LinkedHashMap<>();
    Deque<String> open = new ArrayDeque<>(outputs);
    while (!open.isEmpty()) {
      String name = open.pop();
      NodeDef node = all.get(name);
      if (node == null) {
        throw new IllegalArgumentException(name + ": no such operation in the graph");
      }
      if (needed.put(name, node) == null) {
        node.getInputList().forEach(input -> open.push(operation(input)));
      }
    }
    return needed;
  }

  /** The operation of an input such as {@code a}, {@code a:1} or {@code ^a}. */
  private static String operation(String input) {
    return input.replaceFirst("^\\^", "").replaceFirst(":\\d+$", "");
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
