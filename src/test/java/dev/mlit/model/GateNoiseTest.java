package dev.mlit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, a run cannot be repeated, or all steps or blocks get the same noise and the gates
 * learn it.
 */
class GateNoiseTest {

  private static Operand<TFloat32> draw(TestGraph graph, long seed, long step, int block) {
    return GateNoise.stateless(graph.tf().constant(seed), graph.tf().constant(step))
        .draw(graph.tf(), block, graph.tf().constant(new int[] {2000, 4}));
  }

  @Test
  void followsFromSeedStepAndBlockAlone() {
    try (TestGraph graph = new TestGraph()) {
      List<float[]> noise =
          graph.run(
              List.of(
                  draw(graph, 1, 0, 0),
                  draw(graph, 1, 0, 0),
                  draw(graph, 2, 0, 0),
                  draw(graph, 1, 1, 0),
                  draw(graph, 1, 0, 1)));
      assertThat(noise.get(1)).isEqualTo(noise.get(0));
      for (int i = 1; i < noise.size(); i++) {
        for (int j = i + 1; j < noise.size(); j++) {
          assertThat(correlation(noise.get(i), noise.get(j))).isCloseTo(0, within(0.06));
        }
      }
    }
  }

  @Test
  void isNormal() {
    try (TestGraph graph = new TestGraph()) {
      float[] noise = graph.run(draw(graph, 3, 4, 5));
      double[] values = Closeness.doubles(noise);
      assertThat(Arrays.stream(values).average().orElseThrow()).isCloseTo(0, within(0.05));
      assertThat(correlation(noise, noise)).isCloseTo(1, within(0.06));
      for (double z : List.of(-2.0, -1.0, 0.0, 1.0, 2.0)) {
        double below = Arrays.stream(values).filter(value -> value < z).count() / 8000.0;
        assertThat(below).isCloseTo(Formulas.normalDistribution(z), within(0.025));
      }
    }
  }

  private static double correlation(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum / a.length;
  }
}
