package dev.mlit.model;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, kernels from elsewhere come out transposed or biases are lost: an imported model
 * predicts nonsense, and a trained one learns slower than it could.
 */
class LinearTest {

  @Property(tries = 20)
  void multipliesByTheKernelAndAddsTheBias(
      @ForAll @IntRange(min = 1, max = 6) int rows,
      @ForAll @IntRange(min = 1, max = 6) int inputs,
      @ForAll @IntRange(min = 1, max = 6) int outputs,
      @ForAll Random random) {
    try (TestGraph graph = new TestGraph()) {
      Linear linear = new Linear(graph.layer("linear"), inputs, outputs);
      graph.fillVariables(random, 1);
      Operand<TFloat32> x = graph.input(random, rows, inputs);
      Closeness.assertAgree(
          "linear",
          graph.run(linear.apply(x).value()),
          graph.formulas().linear("linear", Formulas.rows(graph.values(x), inputs)),
          1e-6);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void hasTheGradientOfDifferences(long seed) {
    Random random = new Random(seed);
    int rows = 1 + random.nextInt(5);
    int inputs = 1 + random.nextInt(5);
    int outputs = 1 + random.nextInt(5);
    try (TestGraph graph = new TestGraph()) {
      Linear linear = new Linear(graph.layer("linear"), inputs, outputs);
      graph.fillVariables(random, 1);
      Operand<TFloat32> x = graph.input(random, rows, inputs);
      Activation y = linear.apply(x);
      CentralDifferences differences = new CentralDifferences(graph, random);
      VariableGradients gradients = new VariableGradients();
      Operand<TFloat32> upstream = differences.project(y.value(), rows, outputs);
      Operand<TFloat32> dx = y.backward().apply(upstream, gradients);
      differences.check("the input of linear", x, dx);
      differences.check(gradients);
    }
  }
}
