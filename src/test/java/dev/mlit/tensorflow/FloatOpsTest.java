package dev.mlit.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** What no result shows: when an operation runs. */
class FloatOpsTest {
  /** Else TensorFlow recomputes layers at once, and keeps them: twice the memory of a step. */
  @Test
  void whatIsLaterWaitsForAllThatItIsToldTo() {
    Sessions.load();
    try (Graph graph = new Graph()) {
      Ops tf = Operations.of(graph);
      FloatOps calc = new FloatOps(graph, CompileOptions.ofMachine());
      Operand<TFloat32> value = tf.constant(1f);
      Operand<TFloat32> first = tf.constant(2f);
      Operand<TFloat32> second = tf.constant(3f);

      String later = calc.later(value, List.of(first, second)).asOutput().op().name();

      assertThat(graph.toGraphDef().getNodeList())
          .filteredOn(node -> node.getName().equals(later))
          .singleElement()
          .satisfies(
              node ->
                  assertThat(node.getInputList())
                      .containsExactly(
                          value.asOutput().op().name(),
                          "^" + first.asOutput().op().name(),
                          "^" + second.asOutput().op().name()));
    }
  }
}
