package dev.mlit.model;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/** If this fails, every block works on wrong numbers, or hands wrong gradients to the one below. */
class LayerNormTest {

  @Property(tries = 20)
  void normalisesEveryRowByItself(
      @ForAll @IntRange(min = 1, max = 6) int rows,
      @ForAll @IntRange(min = 2, max = 9) int width,
      @ForAll Random random) {
    try (TestGraph graph = new TestGraph()) {
      LayerNorm norm = new LayerNorm(graph.layer("norm"), width);
      graph.fillVariables(random, 1);
      Operand<TFloat32> x =
          graph.input(
              TestGraph.ladders(random, random.nextDouble() + 0.1, rows, width), rows, width);
      Closeness.assertAgree(
          "layer norm",
          graph.run(norm.apply(x).value()),
          graph.formulas().layerNorm("norm", Formulas.rows(graph.values(x), width)),
          1e-5);
    }
  }

  /** Values so alike that the epsilon decides: 1e-3 apart, their variance is as small as it. */
  @Property(tries = 20)
  void keepsRowsOfNearlyEqualValuesSmall(
      @ForAll @IntRange(min = 2, max = 9) int width, @ForAll Random random) {
    try (TestGraph graph = new TestGraph()) {
      LayerNorm norm = new LayerNorm(graph.layer("norm"), width);
      graph.fillVariables(random, 1);
      Operand<TFloat32> x = graph.input(TestGraph.ladders(random, 1e-3, 3, width), 3, width);
      Closeness.assertAgree(
          "layer norm",
          graph.run(norm.apply(x).value()),
          graph.formulas().layerNorm("norm", Formulas.rows(graph.values(x), width)),
          1e-5);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void hasTheGradientOfDifferences(long seed) {
    Random random = new Random(seed);
    int rows = 1 + random.nextInt(5);
    int width = 3 + random.nextInt(6);
    try (TestGraph graph = new TestGraph()) {
      LayerNorm norm = new LayerNorm(graph.layer("norm"), width);
      graph.fillVariables(random, 1);
      Operand<TFloat32> x = graph.input(TestGraph.ladders(random, 0.8, rows, width), rows, width);
      Activation y = norm.apply(x);
      CentralDifferences differences = new CentralDifferences(graph, random);
      VariableGradients gradients = new VariableGradients();
      Operand<TFloat32> upstream = differences.project(y.value(), rows, width);
      Operand<TFloat32> dx = y.backward().apply(upstream, gradients);
      differences.check("the input of layer norm", x, dx);
      differences.check(gradients);
    }
  }
}
