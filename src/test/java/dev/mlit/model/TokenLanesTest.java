package dev.mlit.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.spec.ModelSpec;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, an image that is classified by itself is said to be something else than the same
 * image among others.
 */
class TokenLanesTest {

  @Property(tries = 20)
  void anyNumberOfLanesSaysTheSameOfAnImage(
      @ForAll @IntRange(min = 1, max = 2) int images,
      @ForAll @IntRange(min = 1, max = 3) int lanes,
      @ForAll Random random) {
    ModelSpec spec = RandomModels.draw(random);
    try (TestGraph graph = new TestGraph()) {
      VisionTransformer model = new VisionTransformer(graph.graph(), spec, graph.variables());
      graph.fillVariables(random, 0.4);
      Operand<TFloat32> batch = graph.images(random, spec.image(), images);

      VisionTransformer.Inference whole = model.infer(batch);
      VisionTransformer.Classes parts = model.inferInParts(batch, Math.min(lanes, spec.tokens()));

      List<float[]> expected =
          graph.run(List.of(whole.logits(), whole.probabilities(), whole.features()));
      List<float[]> actual =
          graph.run(List.of(parts.logits(), parts.probabilities(), parts.features()));
      List<String> names = List.of("logits", "probabilities", "features");
      for (int i = 0; i < names.size(); i++) {
        Closeness.assertAgree(
            names.get(i), actual.get(i), Closeness.doubles(expected.get(i)), 1e-4);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,145,1", "2,145,2", "8,145,4", "2,71,1", "2,72,2", "2,17,1"})
  void aLaneHasTokensEnoughToBeWorthAThread(int threads, int tokens, int lanes) {
    assertThat(TokenLanes.count(threads, tokens)).isEqualTo(lanes);
  }
}
