package dev.mlit.model;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, training does not learn to give every expert as many tokens as the others: a few
 * experts do all the work.
 */
class LoadLossTest {
  private static final double WEIGHT = 4;

  /** The inputs of a load loss, and it. */
  private record Case(
      Operand<TFloat32> clean,
      Operand<TFloat32> scale,
      Operand<TFloat32> noisy,
      LoadLoss load,
      BalanceLoss balance) {

    static Case of(TestGraph graph, Random random, int tokens, int top, int experts) {
      Operand<TFloat32> clean = graph.input(random, tokens, experts);
      float[] scales = new float[tokens * experts];
      for (int i = 0; i < scales.length; i++) {
        scales[i] = 0.5f + random.nextFloat();
      }
      Operand<TFloat32> scale = graph.input(scales, tokens, experts);
      Operand<TFloat32> noisy =
          graph.input(TestGraph.ladders(random, 0.8, tokens, experts), tokens, experts);
      TopK largest = TopK.of(graph.calc(), noisy, top, experts);
      BalanceLoss balance = new BalanceLoss(graph.calc(), experts, WEIGHT);
      return new Case(
          clean,
          scale,
          noisy,
          new LoadLoss(graph.calc(), clean, scale, noisy, largest, balance),
          balance);
    }
  }

  @Property(tries = 20)
  void isTheImbalanceOfTheChancesToBeKept(
      @ForAll @IntRange(min = 1, max = 6) int tokens,
      @ForAll @IntRange(min = 1, max = 3) int top,
      @ForAll @IntRange(min = 1, max = 3) int more,
      @ForAll Random random) {
    int experts = top + more;
    try (TestGraph graph = new TestGraph()) {
      Case c = Case.of(graph, random, tokens, top, experts);
      double[][] chances =
          Formulas.chances(
              Formulas.rows(graph.values(c.clean), experts),
              Formulas.rows(graph.values(c.scale), experts),
              Formulas.rows(graph.values(c.noisy), experts),
              top);
      Closeness.assertAgree(
          "load loss",
          graph.run(c.balance.loss()),
          new double[] {WEIGHT * Formulas.imbalance(chances)},
          1e-5);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 4, 2, 5", "2, 1, 1, 2", "3, 6, 1, 4", "4, 3, 3, 4"})
  void hasTheGradientOfDifferences(long seed, int tokens, int top, int experts) {
    Random random = new Random(seed);
    try (TestGraph graph = new TestGraph()) {
      Case c = Case.of(graph, random, tokens, top, experts);
      CentralDifferences differences = new CentralDifferences(graph, random);
      differences.add(c.balance.loss());
      LoadLoss.Gradients gradients = c.load.gradients();
      differences.check("the clean scores of the load loss", c.clean, gradients.clean());
      differences.check("the scale of the load loss", c.scale, gradients.scale());
      differences.check("the noisy scores of the load loss", c.noisy, gradients.noisy());
    }
  }
}
