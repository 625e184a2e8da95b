package dev.mlit.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Presets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, an autoencoder sees other patches than the noise says, so that the same noise
 * gives something else than in PyTorch; or it puts what it sees in wrong places.
 */
class MaskingTest {
  private static final int IMAGES = 2;

  private static ModelSpec spec(int patches, double mask) {
    return Presets.mmlitXxs().toBuilder().image(3, 3 * patches, 3).mask(mask).build();
  }

  private static Masking masking(TestGraph graph, ModelSpec spec, float... noise) {
    int patches = spec.patches();
    return new Masking(graph.calc(), spec, graph.input(noise, noise.length / patches, patches));
  }

  @Test
  void thePatchesWithTheSmallestNoiseAreVisible() {
    try (TestGraph graph = new TestGraph()) {
      Masking masking = masking(graph, spec(4, 0.5), 0.3f, 0.1f, 0.9f, 0.2f);
      assertThat(graph.run(masking.hidden())).containsExactly(1, 0, 1, 0);
    }
  }

  @Test
  void amongEqualsTheEarlierPatchIsVisible() {
    try (TestGraph graph = new TestGraph()) {
      Masking masking = masking(graph, spec(5, 0.5), 0.5f, 0.2f, 0.5f, 0.5f, 0.5f);
      assertThat(graph.run(masking.hidden())).containsExactly(0, 0, 1, 1, 1);
    }
  }

  /** int(5 * (1 - 0.5)) is 2. */
  @Test
  void theNumberOfVisiblePatchesIsRoundedDown() {
    assertThat(spec(5, 0.5).visiblePatches()).isEqualTo(2);
  }

  /** Against a sorted list, with noise in which some numbers are equal. */
  @Property(tries = 20)
  void whatIsSeenComesInTheOrderOfItsNoiseAndGoesBackToItsPlace(@ForAll Random random) {
    int patches = 2 + random.nextInt(8);
    ModelSpec spec = spec(patches, 0.5);
    int visible = spec.visiblePatches();
    float[] noise = new float[IMAGES * patches];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = random.nextInt(6) / 6f;
    }
    try (TestGraph graph = new TestGraph()) {
      Masking masking = masking(graph, spec, noise);
      Operand<TFloat32> rows = numbered(graph, IMAGES * patches);
      Operand<TFloat32> tokens = numbered(graph, IMAGES * (visible + 1));
      Operand<TFloat32> fill = graph.input(new float[] {-1}, 1, 1);
      List<float[]> found =
          graph.run(
              List.of(
                  masking.visiblePatches(rows),
                  masking.restore(tokens, fill),
                  masking.visibleTokens(masking.restore(tokens, fill)),
                  masking.sumOfHidden(masking.restore(tokens, fill))));

      List<Float> seen = new ArrayList<>();
      float[] restored = new float[IMAGES * (patches + 1)];
      for (int image = 0; image < IMAGES; image++) {
        int first = image * patches;
        List<Integer> order =
            IntStream.range(0, patches)
                .boxed()
                .sorted(Comparator.comparingDouble(p -> noise[first + p]))
                .toList();
        restored[image * (patches + 1)] = image * (visible + 1);
        for (int i = 0; i < patches; i++) {
          restored[image * (patches + 1) + 1 + order.get(i)] =
              i < visible ? image * (visible + 1) + 1 + i : -1;
          if (i < visible) {
            seen.add((float) first + order.get(i));
          }
        }
      }
      assertThat(found.get(0)).containsExactly(seen.toArray(new Float[0]));
      assertThat(found.get(1)).containsExactly(restored);
      assertThat(found.get(2)).containsExactly(graph.values(tokens));
      assertThat(found.get(3)).containsExactly(-IMAGES * (patches - visible));
    }
  }

  private static Operand<TFloat32> numbered(TestGraph graph, int rows) {
    float[] values = new float[rows];
    for (int i = 0; i < rows; i++) {
      values[i] = i;
    }
    return graph.input(values, rows, 1);
  }
}
