package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, the one matrix product for all experts is not what the paper's experts compute one
 * by one: no weights from elsewhere fit, and none of ours fit elsewhere.
 */
class MoeTest {
  private static final double IMPORTANCE = 5;
  private static final double LOAD = 7;
  private static final int ROWS = 5;

  /** A layer with random variables, input and noise, used for inference and for training. */
  private record Case(
      int width,
      int experts,
      Operand<TFloat32> x,
      Operand<TFloat32> noise,
      Moe.Inferred inferred,
      Moe.Trained trained,
      BalanceLosses balances) {

    static Case of(
        TestGraph graph, Random random, int rows, int width, int hidden, int top, int experts) {
      Moe moe =
          new Moe(
              graph.layer("moe"),
              0,
              width,
              experts,
              hidden,
              new ModelSpec.Routing(top, IMPORTANCE, LOAD),
              null);
      graph.fillVariables(random, 0.6);
      Operand<TFloat32> x = graph.input(random, rows, width);
      Operand<TFloat32> noise = graph.input(random, rows, experts);
      BalanceLosses balances = moe.balances();
      return new Case(
          width,
          experts,
          x,
          noise,
          moe.apply(x),
          moe.apply(x, (tf, block, shape) -> noise, balances),
          balances);
    }

    double[][] input(TestGraph graph) {
      return Formulas.rows(graph.values(x), width);
    }

    /** All that the layer computes. */
    List<Operand<TFloat32>> outputs() {
      return List.of(
          inferred.value(),
          trained.activation().value(),
          balances.loss(),
          inferred.gates(),
          trained.gates());
    }
  }

  @Property(tries = 25)
  void theFusedProductIsTheSumOfTheExperts(
      @ForAll @IntRange(min = 1, max = 6) int width,
      @ForAll @IntRange(min = 1, max = 6) int hidden,
      @ForAll @IntRange(min = 1, max = 3) int top,
      @ForAll @IntRange(min = 0, max = 3) int more,
      @ForAll Random random) {
    try (TestGraph graph = new TestGraph()) {
      Case c = Case.of(graph, random, ROWS, width, hidden, top, top + more);
      List<float[]> outputs = graph.run(c.outputs());
      double[][] x = c.input(graph);
      Formulas formulas = graph.formulas();
      Closeness.assertAgree(
          "moe without noise",
          outputs.get(0),
          formulas.experts("moe", x, Formulas.rows(outputs.get(3), c.experts)),
          1e-5);
      Closeness.assertAgree(
          "moe with noise",
          outputs.get(1),
          formulas.experts("moe", x, Formulas.rows(outputs.get(4), c.experts)),
          1e-5);
    }
  }

  @Property(tries = 25)
  void permutingTheExpertsPermutesTheGatesAndChangesNothingElse(
      @ForAll @IntRange(min = 1, max = 3) int top,
      @ForAll @IntRange(min = 0, max = 3) int more,
      @ForAll Random random) {
    int experts = top + more;
    int width = 3;
    int hidden = 4;
    try (TestGraph graph = new TestGraph()) {
      Case c = Case.of(graph, random, ROWS, width, hidden, top, experts);
      double[][] noise = Formulas.rows(graph.values(c.noise), experts);
      Assume.that(
          Formulas.closestChoice(graph.formulas().clean("moe", c.input(graph)), top) > 1e-4);
      Assume.that(
          Formulas.closestChoice(graph.formulas().noisy("moe", c.input(graph), noise), top) > 1e-4);
      List<float[]> before = graph.run(c.outputs());

      List<Integer> order = new ArrayList<>(IntStream.range(0, experts).boxed().toList());
      Collections.shuffle(order, random);
      permute(graph.values("moe/experts/kernel"), 1, order, width * hidden);
      permute(graph.values("moe/experts/bias"), 1, order, hidden);
      for (String scores : List.of("gate", "noise")) {
        permute(graph.values("moe/" + scores + "/kernel"), width, order, 1);
        permute(graph.values("moe/" + scores + "/bias"), 1, order, 1);
      }
      permute(graph.values(c.noise), ROWS, order, 1);
      permute(before.get(3), ROWS, order, 1);
      permute(before.get(4), ROWS, order, 1);

      List<String> names =
          List.of("output", "output with noise", "balance losses", "gates", "gates with noise");
      List<float[]> after = graph.run(c.outputs());
      for (int i = 0; i < names.size(); i++) {
        Closeness.assertAgree(
            "moe: " + names.get(i), after.get(i), Closeness.doubles(before.get(i)), 1e-4);
      }
    }
  }

  /** Puts item {@code order.get(i)} at i, in every one of {@code rows} rows of items. */
  private static void permute(float[] values, int rows, List<Integer> order, int itemSize) {
    float[] before = values.clone();
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < order.size(); i++) {
        System.arraycopy(
            before,
            (row * order.size() + order.get(i)) * itemSize,
            values,
            (row * order.size() + i) * itemSize,
            itemSize);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 5, 4, 3, 2, 5", "2, 4, 3, 5, 3, 3", "3, 6, 2, 2, 1, 4", "4, 3, 5, 4, 2, 3"})
  void hasTheGradientOfDifferences(
      long seed, int rows, int width, int hidden, int top, int experts) {
    Random random = new Random(seed);
    try (TestGraph graph = new TestGraph()) {
      Case c = Case.of(graph, random, rows, width, hidden, top, experts);
      Routing.keepApart(graph, random, "moe", c.input(graph), c.noise, experts);
      CentralDifferences differences = new CentralDifferences(graph, random);
      differences.add(c.balances.loss());
      VariableGradients gradients = new VariableGradients();
      Recomputed y = c.trained.activation();
      Operand<TFloat32> upstream = differences.project(y.value(), rows, width);
      Operand<TFloat32> dx = y.backward().apply(c.x, upstream, gradients);
      differences.check("the input of moe", c.x, dx);
      differences.check(gradients);
    }
  }
}
