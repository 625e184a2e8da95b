package dev.mlit.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.AttrValue.ListValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, a model in use reads its variables at every run and is slow, or computes with
 * other weights than those it was given.
 */
class FrozenGraphTest {
  @BeforeAll
  static void quiet() {
    Sessions.load();
  }

  @Test
  void variablesBecomeConstantsOfTheirPresentValues() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Variable weight = Variables.restored(graph).zeros("weight", Shape.of(2));
      tf.withName("output").math.mul(weight.value(), tf.constant(2f));
      tf.withName("other").math.neg(weight.value());
      try (Session session = Sessions.open(graph, 1)) {
        session.runner().addTarget(tf.assignVariableOp(weight.handle(), three(tf))).run().close();
        try (Graph frozen =
                FrozenGraph.of(graph.toGraphDef(), graph, session, List.of("output:0"));
            Session ofFrozen = Sessions.open(frozen, 1)) {
          session.runner().addTarget(weight.initializer()).run().close();

          assertThat(values(ofFrozen, "output:0")).containsExactly(6, 6);
          assertThat(types(frozen)).doesNotContain("VarHandleOp", "ReadVariableOp");
          assertThat(frozen.operation("other")).as("what no output needs").isNull();
        }
      }
    }
  }

  @Test
  void variablesOfFunctionsBecomeConstantsToo() {
    try (Graph first = new Graph()) {
      Variables.restored(first).zeros("weight", Shape.of(2));
      GraphDef.Builder def = first.toGraphDef().toBuilder();
      def.getLibraryBuilder().addFunction(outer()).addFunction(inner());
      def.addNode(call("output", "weight", "outer"));
      try (Graph graph = new Graph()) {
        graph.importGraphDef(def.build());
        try (Session session = Sessions.open(graph, 1)) {
          Ops tf = Ops.create(graph);
          session
              .runner()
              .addTarget(tf.assignVariableOp(graph.operationOrThrow("weight").output(0), three(tf)))
              .run()
              .close();
          try (Graph frozen =
                  FrozenGraph.of(graph.toGraphDef(), graph, session, List.of("output:0"));
              Session ofFrozen = Sessions.open(frozen, 1)) {
            assertThat(values(ofFrozen, "output:0")).containsExactly(9, 9);
            assertThat(frozen.toGraphDef().toString())
                .doesNotContain("DT_RESOURCE", "ReadVariableOp");
          }
        }
      }
    }
  }

  @Test
  void outputThatIsNotThere() {
    try (Graph graph = new Graph();
        Session session = Sessions.open(graph, 1)) {
      Ops.create(graph).withName("one").constant(1f);

      assertThatIllegalArgumentException()
          .isThrownBy(() -> FrozenGraph.of(graph.toGraphDef(), graph, session, List.of("two:0")))
          .withMessage("two: no such operation in the graph");
    }
  }

  private static org.tensorflow.op.core.Fill<TFloat32> three(Ops tf) {
    return tf.fill(tf.constant(new int[] {2}), tf.constant(3f));
  }

  /** outer(weight) = inner(weight). */
  private static FunctionDef outer() {
    return FunctionDef.newBuilder()
        .setSignature(signature("outer"))
        .addNodeDef(call("call", "weight", "inner"))
        .putRet("output", "call:output:0")
        .build();
  }

  /** inner(weight) = weight * weight, read from the variable. */
  private static FunctionDef inner() {
    return FunctionDef.newBuilder()
        .setSignature(signature("inner"))
        .addNodeDef(
            NodeDef.newBuilder()
                .setName("read")
                .setOp("ReadVariableOp")
                .addInput("weight")
                .putAttr("dtype", type(DataType.DT_FLOAT)))
        .addNodeDef(
            NodeDef.newBuilder()
                .setName("product")
                .setOp("Mul")
                .addInput("read:value:0")
                .addInput("read:value:0")
                .putAttr("T", type(DataType.DT_FLOAT)))
        .putRet("output", "product:z:0")
        .build();
  }

  private static OpDef.Builder signature(String name) {
    return OpDef.newBuilder()
        .setName(name)
        .setIsStateful(true)
        .addInputArg(OpDef.ArgDef.newBuilder().setName("weight").setType(DataType.DT_RESOURCE))
        .addOutputArg(OpDef.ArgDef.newBuilder().setName("output").setType(DataType.DT_FLOAT));
  }

  private static NodeDef call(String name, String input, String function) {
    return NodeDef.newBuilder()
        .setName(name)
        .setOp("StatefulPartitionedCall")
        .addInput(input)
        .putAttr("Tin", types(DataType.DT_RESOURCE))
        .putAttr("Tout", types(DataType.DT_FLOAT))
        .putAttr(
            "f",
            AttrValue.newBuilder().setFunc(NameAttrList.newBuilder().setName(function)).build())
        .build();
  }

  private static AttrValue type(DataType type) {
    return AttrValue.newBuilder().setType(type).build();
  }

  private static AttrValue types(DataType type) {
    return AttrValue.newBuilder().setList(ListValue.newBuilder().addType(type)).build();
  }

  private static float[] values(Session session, String output) {
    try (Result result = session.runner().fetch(output).run()) {
      return TestGraph.floats((TFloat32) result.get(0));
    }
  }

  private static List<String> types(Graph graph) {
    List<String> types = new java.util.ArrayList<>();
    graph.operations().forEachRemaining((GraphOperation o) -> types.add(o.type()));
    return types;
  }
}
