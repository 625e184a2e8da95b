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
 * If this fails, training does not keep the experts in balance: some are never used, and a user
 * pays for parameters that do nothing.
 */
class BalanceLossTest {
  private static final double WEIGHT = 3;

  @Property(tries = 20)
  void isTheWeightedSquareOfTheCoefficientOfVariation(
      @ForAll @IntRange(min = 1, max = 8) int tokens,
      @ForAll @IntRange(min = 1, max = 5) int experts,
      @ForAll Random random) {
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat32> shares = shares(graph, random, tokens, experts);
      BalanceLoss balance = new BalanceLoss(graph.calc(), experts, WEIGHT).add(shares);
      double[][] rows = Formulas.rows(graph.values(shares), experts);
      Closeness.assertAgree(
          "balance loss",
          graph.run(balance.loss()),
          new double[] {WEIGHT * Formulas.imbalance(rows)},
          1e-5);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void hasTheGradientOfDifferences(long seed) {
    Random random = new Random(seed);
    int tokens = 1 + random.nextInt(6);
    int experts = 2 + random.nextInt(4);
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat32> shares = shares(graph, random, tokens, experts);
      BalanceLoss balance = new BalanceLoss(graph.calc(), experts, WEIGHT).add(shares);
      CentralDifferences differences = new CentralDifferences(graph, random);
      differences.add(balance.loss());
      Operand<TFloat32> everyRow =
          graph
              .tf()
              .broadcastTo(balance.gradient(), graph.tf().constant(new int[] {tokens, experts}));
      differences.check("the shares of the balance loss", shares, everyRow);
    }
  }

  private static Operand<TFloat32> shares(TestGraph graph, Random random, int tokens, int experts) {
    float[] shares = new float[tokens * experts];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = 0.2f + random.nextFloat();
    }
    return graph.input(shares, tokens, experts);
  }
}
