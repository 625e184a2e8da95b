package dev.mlit.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/**
 * The operators of a layer, whose names begin with that of the layer, and its variables. What a
 * method computes is said by the operator of the same name at https://onnx.ai/onnx/operators.
 */
final class Ops {
  private static final float EPSILON = 1e-6f;

  private final Graph graph;

  /** The layer's name with a slash behind it; empty for the model itself. */
  private final String scope;

  Ops(Graph graph, String scope) {
    this.graph = graph;
    this.scope = scope;
  }

  /** The operators of a layer inside this one. */
  Ops child(String name) {
    return new Ops(graph, scope + name + "/");
  }

  Graph graph() {
    return graph;
  }

  /** The values of a variable of this layer. */
  Value variable(String name) {
    return graph.weight(scope + name);
  }

  // ---- Layers that are one operator ----

  /** x W + b with the variables {@code kernel} and {@code bias} of the layer of this name. */
  Value linear(String name, Value rows) {
    Ops layer = child(name);
    return layer.linear(rows, layer.variable("kernel"), layer.variable("bias"));
  }

  /** x W + b, rows [rows, inputs], kernel [inputs, outputs]. */
  Value linear(Value rows, Value kernel, Value bias) {
    return one("Gemm", rows, kernel, bias);
  }

  /** The layer normalisation of every row, with the variables of the layer of this name. */
  Value norm(String name, Value rows) {
    Ops layer = child(name);
    return layer.one(
        "LayerNormalization",
        List.of(rows, layer.variable("scale"), layer.variable("bias")),
        node ->
            node.addAttribute(integer("axis", -1))
                .addAttribute(
                    AttributeProto.newBuilder()
                        .setName("epsilon")
                        .setType(AttributeType.FLOAT)
                        .setF(EPSILON)));
  }

  // ---- Numbers ----

  Value add(Value a, Value b) {
    return one("Add", a, b);
  }

  Value sub(Value a, Value b) {
    return one("Sub", a, b);
  }

  Value mul(Value a, Value b) {
    return one("Mul", a, b);
  }

  Value div(Value a, Value b) {
    return one("Div", a, b);
  }

  Value min(Value a, Value b) {
    return one("Min", a, b);
  }

  Value matMul(Value a, Value b) {
    return one("MatMul", a, b);
  }

  /** x sigmoid(x), which has an operator of its own only since operator set 24. */
  Value silu(Value x) {
    return mul(x, one("Sigmoid", x));
  }

  /** Over the last axis. */
  Value softmax(Value x) {
    return one("Softmax", List.of(x), node -> node.addAttribute(integer("axis", -1)));
  }

  /** The mean over an axis, which is gone then. */
  Value mean(Value x, long axis) {
    return one(
        "ReduceMean",
        List.of(x),
        node -> node.addAttribute(integers("axes", axis)).addAttribute(integer("keepdims", 0)));
  }

  /** 1 where a is not less than b, else 0. */
  Value notLess(Value a, Value b) {
    return one(
        "Cast",
        List.of(one("GreaterOrEqual", a, b)),
        node -> node.addAttribute(integer("to", TensorProto.DataType.FLOAT.getNumber())));
  }

  /**
   * The largest of every row and their places.
   *
   * @param values [rows, k]
   * @param indices [rows, k], int64
   */
  record Top(Value values, Value indices) {}

  /** The k largest of every row, the largest first; among equals the lower index first. */
  Top largest(Value rows, long k) {
    return top(rows, k, true);
  }

  /** The k smallest of every row, the smallest first; among equals the lower index first. */
  Top smallest(Value rows, long k) {
    return top(rows, k, false);
  }

  private Top top(Value rows, long k, boolean largest) {
    List<Value> top =
        graph.add(
            scope,
            "TopK",
            2,
            List.of(rows, graph.constant(k)),
            node ->
                node.addAttribute(integer("axis", -1))
                    .addAttribute(integer("largest", largest ? 1 : 0))
                    .addAttribute(integer("sorted", 1)));
    return new Top(top.get(0), top.get(1));
  }

  // ---- Places ----

  /** The same values; one size may be -1, which follows from the others. */
  Value reshape(Value x, long... sizes) {
    return one("Reshape", x, graph.constant(sizes));
  }

  Value transpose(Value x, long... axes) {
    return one("Transpose", List.of(x), node -> node.addAttribute(integers("perm", axes)));
  }

  List<Value> split(Value x, long axis, long... sizes) {
    return graph.add(
        scope,
        "Split",
        sizes.length,
        List.of(x, graph.constant(sizes)),
        node -> node.addAttribute(integer("axis", axis)));
  }

  /** A part of an axis, from {@code begin} to before {@code end}. */
  Value slice(Value x, long axis, long begin, long end) {
    return one("Slice", x, graph.constant(begin), graph.constant(end), graph.constant(axis));
  }

  /** One place of an axis, which is gone then. */
  Value at(Value x, long axis, long index) {
    return one(
        "Gather",
        List.of(x, graph.scalar(index)),
        node -> node.addAttribute(integer("axis", axis)));
  }

  /** Rows by their numbers: [rows, width] and [...] to [..., width]. */
  Value gather(Value rows, Value numbers) {
    return one("Gather", List.of(rows, numbers), node -> node.addAttribute(integer("axis", 0)));
  }

  /**
   * Rows of every image by their numbers: [batch, rows, width] and [batch, count] to [batch, count,
   * width].
   */
  Value gatherOfEach(Value rows, Value numbers, long count) {
    return one(
        "GatherND",
        List.of(rows, reshape(numbers, -1, count, 1)),
        node -> node.addAttribute(integer("batch_dims", 1)));
  }

  /** Zeros before and after the values of axis 1, of a value with so many axes. */
  Value pad(Value x, int axes, long before, long after) {
    long[] pads = new long[2 * axes];
    pads[1] = before;
    pads[axes + 1] = after;
    return one("Pad", x, graph.constant(pads));
  }

  /**
   * Values of every row at their places, 0 elsewhere.
   *
   * @param like [rows, width], of the shape of the result
   * @param values [rows, k]
   * @param places [rows, k], int64
   */
  Value scatter(Value like, Value places, Value values) {
    // A constant of this operator's own is the float32 zero.
    Value zeros = one("ConstantOfShape", one("Shape", like));
    return one(
        "ScatterElements",
        List.of(zeros, places, values),
        node -> node.addAttribute(integer("axis", 1)));
  }

  private Value one(String type, Value... inputs) {
    return one(type, List.of(inputs), node -> node);
  }

  private Value one(String type, List<Value> inputs, UnaryOperator<NodeProto.Builder> attributes) {
    return graph.add(scope, type, 1, inputs, attributes).get(0);
  }

  private static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
  }

  private static AttributeProto integers(String name, long... values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.INTS)
        .addAllInts(LongStream.of(values).boxed().toList())
        .build();
  }
}
