package dev.mlit.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.mlit.weights.Weights;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * An ONNX graph in the making: inputs, weights, constants, operators in the order in which they
 * compute, outputs. Weights and constants are there once, and only if an operator reads them.
 */
final class Graph {
  /** The name of the first axis of inputs and outputs, which may have any size. */
  private static final String BATCH = "batch";

  private final GraphProto.Builder proto = GraphProto.newBuilder();
  private final Map<String, Weights.Array> weights;
  private final Set<String> initializers = new HashSet<>();
  private final Map<String, Integer> counts = new HashMap<>();

  Graph(String name, Weights weights) {
    this.weights = weights.arrays();
    proto.setName(name);
  }

  /** The operators of a layer that is the model itself. */
  Ops root() {
    return new Ops(this, "");
  }

  GraphProto build() {
    return proto.build();
  }

  /** A float32 input [batch, sizes...]. */
  Value input(String name, long... sizes) {
    proto.addInput(info(name, sizes));
    return new Value(name);
  }

  /** Makes a value a float32 output [batch, sizes...]. */
  void output(String name, Value value, long... sizes) {
    proto.addNode(
        NodeProto.newBuilder()
            .setOpType("Identity")
            .setName(name)
            .addInput(value.name())
            .addOutput(name));
    proto.addOutput(info(name, sizes));
  }

  private static ValueInfoProto info(String name, long... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDim(Dimension.newBuilder().setDimParam(BATCH));
    for (long size : sizes) {
      shape.addDim(Dimension.newBuilder().setDimValue(size));
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder()
            .setElemType(TensorProto.DataType.FLOAT.getNumber())
            .setShape(shape)
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /**
   * The values of a variable.
   *
   * @throws IllegalArgumentException if there are none of this name
   */
  Value weight(String name) {
    if (initializers.add(name)) {
      Weights.Array array = weights.get(name);
      if (array == null) {
        throw new IllegalArgumentException("no weights for " + name);
      }
      proto.addInitializer(floats(name, array.shape(), array.values()));
    }
    return new Value(name);
  }

  /** A float32 constant [values], the same wherever it has this name. */
  Value constant(String purpose, float... values) {
    String name = "constants/" + purpose;
    if (initializers.add(name)) {
      proto.addInitializer(floats(name, List.of((long) values.length), values));
    }
    return new Value(name);
  }

  private static TensorProto floats(String name, List<Long> shape, float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(TensorProto.DataType.FLOAT.getNumber())
        .addAllDims(shape)
        .setRawData(ByteString.copyFrom(bytes))
        .build();
  }

  /** An int64 constant [values]. */
  Value constant(long... values) {
    String text = LongStream.of(values).mapToObj(Long::toString).collect(Collectors.joining(","));
    return integers("constants/integers/" + text, List.of((long) values.length), values);
  }

  /** An int64 constant without axes. */
  Value scalar(long value) {
    return integers("constants/integer/" + value, List.of(), value);
  }

  private Value integers(String name, List<Long> shape, long... values) {
    if (initializers.add(name)) {
      ByteBuffer bytes =
          ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asLongBuffer().put(values);
      proto.addInitializer(
          TensorProto.newBuilder()
              .setName(name)
              .setDataType(TensorProto.DataType.INT64.getNumber())
              .addAllDims(shape)
              .setRawData(ByteString.copyFrom(bytes)));
    }
    return new Value(name);
  }

  /**
   * Adds an operator.
   *
   * @param scope what its name begins with
   * @param attributes adds its attributes
   */
  List<Value> add(
      String scope,
      String type,
      int outputs,
      List<Value> inputs,
      UnaryOperator<NodeProto.Builder> attributes) {
    String name = scope + type + "_" + counts.merge(scope + type, 1, Integer::sum);
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(type).setName(name);
    inputs.forEach(input -> node.addInput(input.name()));
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      values.add(new Value(outputs == 1 ? name : name + ":" + i));
    }
    values.forEach(value -> node.addOutput(value.name()));
    proto.addNode(attributes.apply(node));
    return values;
  }
}
