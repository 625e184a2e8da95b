package dev.mlit.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, a token goes to other experts than the highest scores say, or two machines send it
 * to different ones where scores are equal.
 */
class TopKTest {

  /** Scores of a few whole numbers, so that many are equal. */
  @Property(tries = 40)
  void marksTheHighestAndAmongEqualsTheLowerIndex(
      @ForAll @IntRange(min = 1, max = 4) int k,
      @ForAll @IntRange(min = 1, max = 4) int more,
      @ForAll Random random) {
    int entries = k + more;
    int rows = 12;
    float[] scores = new float[rows * entries];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = random.nextInt(3) - 1;
    }
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat32> input = graph.input(scores, rows, entries);
      TopK top = TopK.of(graph.calc(), input, k, entries);
      List<float[]> masks = graph.run(List.of(top.kept(), top.last(), top.next()));
      double[][] all = Formulas.rows(scores, entries);
      for (int row = 0; row < rows; row++) {
        List<Integer> ranking = Formulas.ranking(all[row]);
        assertThat(marked(masks.get(0), row, entries))
            .as("kept of %s", List.of(all[row]))
            .containsExactlyInAnyOrderElementsOf(ranking.subList(0, k));
        assertThat(marked(masks.get(1), row, entries))
            .as("last")
            .containsExactly(ranking.get(k - 1));
        assertThat(marked(masks.get(2), row, entries)).as("next").containsExactly(ranking.get(k));
      }
    }
  }

  private static List<Integer> marked(float[] mask, int row, int entries) {
    return IntStream.range(0, entries).filter(i -> mask[row * entries + i] == 1).boxed().toList();
  }

  @Property(tries = 10)
  void picksTheMarkedEntry(@ForAll @IntRange(min = 1, max = 4) int k, @ForAll Random random) {
    int entries = k + 2;
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat32> scores = graph.input(random, 5, entries);
      TopK top = TopK.of(graph.calc(), scores, k, entries);
      double[][] rows = Formulas.rows(graph.values(scores), entries);
      float[] picked = graph.run(TopK.pick(graph.calc(), scores, top.next()));
      for (int row = 0; row < rows.length; row++) {
        assertThat((double) picked[row]).isEqualTo(rows[row][Formulas.ranking(rows[row]).get(k)]);
      }
    }
  }
}
