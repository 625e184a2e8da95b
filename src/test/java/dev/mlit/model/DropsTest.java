package dev.mlit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * Dropout and drop path. If it fails, a model is trained with more or less of itself than it is
 * used with, or a run cannot be repeated.
 */
class DropsTest {
  private static final int IMAGES = 500;
  private static final int TOKENS = 4;
  private static final int WIDTH = 6;
  private static final int ROWS = IMAGES * TOKENS;

  @Test
  void valuesBelowTheChanceAreDroppedAndTheRestGrows() {
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat32> rows = graph.input(new float[] {1, 2, 3, 4}, 2, 2);
      Operand<TFloat32> drawn = graph.input(new float[] {0.1f, 0.2f, 0.19f, 0.9f}, 2, 2);

      float[] left = graph.run(Drop.values(graph.calc(), drawn, 0.2).apply(rows));

      assertThat(left).containsExactly(new float[] {0, 2.5f, 0, 5}, within(1e-6f));
    }
  }

  @Test
  void imagesBelowTheChanceLoseAllTheirRowsAndTheRestGrows() {
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat32> rows = graph.input(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 4, 2);
      Operand<TFloat32> drawn = graph.input(new float[] {0.19f, 0.2f}, 2);

      float[] left = graph.run(Drop.images(graph.calc(), drawn, 0.2, 2).apply(rows));

      float[] expected = {0, 0, 0, 0, 6.25f, 7.5f, 8.75f, 10};
      assertThat(left).containsExactly(expected, within(1e-6f));
    }
  }

  @Test
  void valueThatIsDroppedIsZeroWhateverItWas() {
    try (TestGraph graph = new TestGraph()) {
      float[] values = {Float.POSITIVE_INFINITY, 2};
      Operand<TFloat32> rows = graph.input(values, 1, 2);
      Operand<TFloat32> drawn = graph.input(new float[] {0, 1}, 1, 2);

      assertThat(graph.run(Drop.values(graph.calc(), drawn, 0.5).apply(rows)))
          .containsExactly(0, 4);
    }
  }

  @Test
  void chanceOfAPathRisesFromNoneAtTheFirstBlockToAllOfItAtTheLast() {
    try (TestGraph graph = new TestGraph()) {
      Drops drops = drops(graph, 0, 0.3, 1);

      assertThat(drops.pathChance(0, 4)).isZero();
      assertThat(drops.pathChance(1, 4)).isEqualTo(0.1, within(1e-15));
      assertThat(drops.pathChance(3, 4)).isEqualTo(0.3);
      assertThat(drops.pathChance(0, 1)).isEqualTo(0.3);
    }
  }

  @Test
  void onAverageABranchStaysAsItIs() {
    try (TestGraph graph = new TestGraph()) {
      float[] left = left(graph, drops(graph, 0.2, 0.4, 1), 3).get(0);

      double sum = 0;
      for (float value : left) {
        sum += value;
      }
      // Five standard deviations: sqrt(0.4 / 0.6) of an image's mean, over 500 images.
      assertThat(sum / left.length).isEqualTo(1, within(5 * Math.sqrt(0.7 / IMAGES)));
    }
  }

  @Test
  void attentionExpertsAndBlocksDropEachOnItsOwn() {
    try (TestGraph graph = new TestGraph()) {
      List<float[]> second = left(graph, drops(graph, 0.5, 0, 1), 1);
      List<float[]> third = left(graph, drops(graph, 0.5, 0, 1), 2);

      assertIndependent(second.get(0), second.get(1));
      assertIndependent(second.get(0), third.get(0));
      assertIndependent(second.get(1), third.get(1));
    }
  }

  @Test
  void dropsAreAFunctionOfSeedAndStep() {
    try (TestGraph graph = new TestGraph()) {
      float[] first = left(graph, drops(graph, 0.5, 0.5, 1), 3).get(0);

      assertThat(left(graph, drops(graph, 0.5, 0.5, 1), 3).get(0)).isEqualTo(first);
      assertThat(left(graph, drops(graph, 0.5, 0.5, 2), 3).get(0)).isNotEqualTo(first);
    }
  }

  private static void assertIndependent(float[] a, float[] b) {
    int same = 0;
    for (int i = 0; i < a.length; i++) {
      same += (a[i] == 0) == (b[i] == 0) ? 1 : 0;
    }
    // Half of them by chance, five standard deviations of sqrt(12000) / 2 = 55.
    assertThat(same).isBetween(ROWS * WIDTH / 2 - 275, ROWS * WIDTH / 2 + 275);
  }

  private static Drops drops(TestGraph graph, double dropout, double dropPath, long seed) {
    Operand<TInt64> step = graph.tf().constant(7L);
    return Drops.stateless(dropout, dropPath, graph.tf().constant(seed), step);
  }

  /** What is left of ones, of attention and of the experts of a block of four. */
  private static List<float[]> left(TestGraph graph, Drops drops, int block) {
    float[] ones = new float[ROWS * WIDTH];
    Arrays.fill(ones, 1);
    Operand<TFloat32> rows = graph.input(ones, ROWS, WIDTH);
    Lanes lanes = new Lanes(graph.calc(), graph.tf().constant(IMAGES), 1);
    Drops.OfBlock own = drops.ofBlock(graph.calc(), lanes, block, 4, TOKENS, TOKENS, WIDTH).get(0);
    return graph.run(List.of(own.attention().apply(rows), own.experts().apply(rows)));
  }
}
