package dev.mlit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.spec.ModelSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, tokens go to other experts than the paper's gates would send them to, in other
 * shares, or some experts starve while others do all the work.
 */
class GateTest {
  private static final double IMPORTANCE = 5;
  private static final double LOAD = 7;
  private static final int ROWS = 6;
  private static final int WIDTH = 4;

  /** A gate with random variables, input and noise, used for inference and for training. */
  private record Case(
      int top,
      int experts,
      Operand<TFloat32> x,
      Operand<TFloat32> noise,
      Operand<TFloat32> inferred,
      Gate.Routes trained,
      BalanceLosses balances) {

    static Case of(TestGraph graph, Random random, int rows, int top, int experts) {
      Gate gate =
          new Gate(
              graph.layer("moe"),
              3,
              WIDTH,
              experts,
              new ModelSpec.Routing(top, IMPORTANCE, LOAD),
              null);
      graph.fillVariables(random, 0.5);
      Operand<TFloat32> x = graph.input(random, rows, WIDTH);
      Operand<TFloat32> noise = graph.input(random, rows, experts);
      BalanceLosses balances = gate.balances();
      return new Case(
          top,
          experts,
          x,
          noise,
          gate.apply(x),
          gate.apply(
              x,
              (tf, block, shape) -> {
                assertThat(block).isEqualTo(3);
                return noise;
              },
              balances),
          balances);
    }

    double[][] input(TestGraph graph) {
      return Formulas.rows(graph.values(x), WIDTH);
    }

    double[][] clean(TestGraph graph) {
      return graph.formulas().clean("moe", input(graph));
    }

    double[][] noisy(TestGraph graph) {
      return graph
          .formulas()
          .noisy("moe", input(graph), Formulas.rows(graph.values(noise), experts));
    }
  }

  @Property(tries = 25)
  void theHighestScoresShareAToken(
      @ForAll @IntRange(min = 1, max = 3) int top,
      @ForAll @IntRange(min = 0, max = 3) int more,
      @ForAll Random random) {
    try (TestGraph graph = new TestGraph()) {
      Case c = Case.of(graph, random, ROWS, top, top + more);
      Assume.that(Formulas.closestChoice(c.clean(graph), top) > 1e-5);
      Assume.that(Formulas.closestChoice(c.noisy(graph), top) > 1e-5);
      Closeness.assertAgree(
          "gates without noise", graph.run(c.inferred), Formulas.gates(c.clean(graph), top), 1e-5);
      Closeness.assertAgree(
          "gates with noise",
          graph.run(c.trained.gates()),
          Formulas.gates(c.noisy(graph), top),
          1e-5);
    }
  }

  @Property(tries = 25)
  void exactlyKGatesAreNotZeroAndTheirSumIs1(
      @ForAll @IntRange(min = 1, max = 3) int top,
      @ForAll @IntRange(min = 0, max = 3) int more,
      @ForAll Random random) {
    try (TestGraph graph = new TestGraph()) {
      Case c = Case.of(graph, random, ROWS, top, top + more);
      for (float[] gates : graph.run(List.of(c.inferred, c.trained.gates()))) {
        for (double[] token : Formulas.rows(gates, c.experts)) {
          assertThat(Arrays.stream(token).filter(gate -> gate > 0).count()).isEqualTo(top);
          assertThat(Arrays.stream(token).filter(gate -> gate != 0).count()).isEqualTo(top);
          assertThat(Arrays.stream(token).sum()).isCloseTo(1, within(1e-6));
        }
      }
    }
  }

  /**
   * One-hot tokens and whole numbers in the kernel: the scores are its rows, and many are equal.
   */
  @Property(tries = 25)
  void amongEqualScoresTheLowerIndexIsChosen(
      @ForAll @IntRange(min = 1, max = 3) int top,
      @ForAll @IntRange(min = 1, max = 3) int more,
      @ForAll Random random) {
    int experts = top + more;
    try (TestGraph graph = new TestGraph()) {
      Case c = Case.of(graph, random, WIDTH, top, experts);
      float[] x = graph.values(c.x);
      for (int i = 0; i < x.length; i++) {
        x[i] = i / WIDTH == i % WIDTH ? 1 : 0;
      }
      float[] kernel = graph.values("moe/gate/kernel");
      for (int i = 0; i < kernel.length; i++) {
        kernel[i] = random.nextInt(3);
      }
      Arrays.fill(graph.values("moe/gate/bias"), 0);
      Arrays.fill(graph.values(c.noise), 0);
      double[][] expected = Formulas.gates(Formulas.rows(kernel, experts), top);
      Closeness.assertAgree("gates without noise", graph.run(c.inferred), expected, 1e-6);
      Closeness.assertAgree("gates with noise of 0", graph.run(c.trained.gates()), expected, 1e-6);
    }
  }

  @Property(tries = 25)
  void aConstantOnAllScoresChangesNothing(
      @ForAll @IntRange(min = 1, max = 3) int top,
      @ForAll @IntRange(min = 0, max = 3) int more,
      @ForAll @IntRange(min = -10, max = 10) int constant,
      @ForAll Random random) {
    try (TestGraph graph = new TestGraph()) {
      Case c = Case.of(graph, random, ROWS, top, top + more);
      Assume.that(Formulas.closestChoice(c.clean(graph), top) > 1e-4);
      Assume.that(Formulas.closestChoice(c.noisy(graph), top) > 1e-4);
      List<Operand<TFloat32>> all = List.of(c.inferred, c.trained.gates(), c.balances.loss());
      List<float[]> before = graph.run(all);
      float[] bias = graph.values("moe/gate/bias");
      for (int expert = 0; expert < bias.length; expert++) {
        bias[expert] += constant;
      }
      List<float[]> after = graph.run(all);
      for (int i = 0; i < all.size(); i++) {
        Closeness.assertAgree(
            List.of("gates without noise", "gates with noise", "balance losses").get(i),
            after.get(i),
            Closeness.doubles(before.get(i)),
            1e-4);
      }
    }
  }

  @Property(tries = 25)
  void theBalanceLossIsThatOfTheGatesAndThatOfTheLoad(
      @ForAll @IntRange(min = 1, max = 3) int top,
      @ForAll @IntRange(min = 0, max = 3) int more,
      @ForAll Random random) {
    int experts = top + more;
    try (TestGraph graph = new TestGraph()) {
      Case c = Case.of(graph, random, ROWS, top, experts);
      Routing.keepApart(graph, random, "moe", c.input(graph), c.noise, experts);
      double[][] noisy = c.noisy(graph);
      double expected = IMPORTANCE * Formulas.imbalance(Formulas.gates(noisy, top));
      if (top < experts) {
        double[][] scale = graph.formulas().noiseScale("moe", c.input(graph));
        expected += LOAD * Formulas.imbalance(Formulas.chances(c.clean(graph), scale, noisy, top));
      }
      Closeness.assertAgree(
          "balance losses", graph.run(c.balances.loss()), new double[] {expected}, 1e-4);
    }
  }

  /**
   * The losses are in it, and weigh as much as the gates. Noisy scores keep apart: no choice flips.
   */
  @ParameterizedTest
  @CsvSource({"1, 5, 2, 5", "2, 4, 3, 3", "3, 6, 1, 4", "4, 3, 2, 3"})
  void hasTheGradientOfDifferences(long seed, int rows, int top, int experts) {
    Random random = new Random(seed);
    try (TestGraph graph = new TestGraph()) {
      Case c = Case.of(graph, random, rows, top, experts);
      Routing.keepApart(graph, random, "moe", c.input(graph), c.noise, experts);
      CentralDifferences differences = new CentralDifferences(graph, random);
      differences.add(c.balances.loss());
      VariableGradients gradients = new VariableGradients();
      Operand<TFloat32> upstream = differences.project(c.trained.gates(), rows, experts);
      Operand<TFloat32> dx = c.trained.backward().apply(c.x, upstream, gradients);
      differences.check("the input of the gate", c.x, dx);
      differences.check(gradients);
    }
  }
}
