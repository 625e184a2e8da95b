package dev.mlit.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mlit.model.TestGraph;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import dev.mlit.weights.Weights;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
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
      Ops tf = Operations.of(graph);
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
  void variablesBecomeConstantsOfGivenWeights() {
    try (Graph graph = new Graph()) {
      Ops tf = Operations.of(graph);
      Variable weight = Variables.restored(graph).zeros("weight", Shape.of(2));
      tf.withName("output").math.mul(weight.value(), tf.constant(2f));
      Weights.Array given = new Weights.Array(List.of(2L), new float[] {3, 4});
      try (Graph frozen =
              FrozenGraph.of(
                  graph.toGraphDef(),
                  Weights.of(Map.of("weight", given))::constant,
                  List.of("output"));
          Session session = Sessions.open(frozen, 1)) {
        assertThat(values(session, "output:0")).containsExactly(6, 8);
      }
    }
  }

  @Test
  void aVariableWithoutAWeight() {
    try (Graph graph = new Graph()) {
      Variable weight = Variables.restored(graph).zeros("weight", Shape.of(2));
      Operations.of(graph).withName("output").math.neg(weight.value());

      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  FrozenGraph.of(
                      graph.toGraphDef(), Weights.of(Map.of())::constant, List.of("output")))
          .withMessage("no weights for weight");
    }
  }

  @Test
  void outputThatIsNotThere() {
    try (Graph graph = new Graph();
        Session session = Sessions.open(graph, 1)) {
      Operations.of(graph).withName("one").constant(1f);

      assertThatIllegalArgumentException()
          .isThrownBy(() -> FrozenGraph.of(graph.toGraphDef(), graph, session, List.of("two:0")))
          .withMessage("two: no such operation in the graph");
    }
  }

  private static org.tensorflow.op.core.Fill<TFloat32> three(Ops tf) {
    return tf.fill(tf.constant(new int[] {2}), tf.constant(3f));
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
