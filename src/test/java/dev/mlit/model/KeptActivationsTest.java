package dev.mlit.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.model.VisionTransformer.Training;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Presets;
import dev.mlit.tensorflow.CompileOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, a model learns something else where there is memory to keep what the backward pass
 * reads: at another batch size, or at another size of images.
 */
@Tag("slow")
@org.junit.jupiter.api.Tag("slow")
class KeptActivationsTest {

  @Property(tries = 8)
  void keptOrComputedAgainTheGradientsAreTheSame(
      @ForAll @IntRange(min = 1, max = 3) int images, @ForAll Random random) {
    try (TestGraph graph = new TestGraph()) {
      RandomStep step = RandomStep.draw(graph, random, images);
      VisionTransformer model = step.model();
      CompileOptions options = CompileOptions.ofMachine().expecting(images).fusing();

      List<float[]> again = graph.run(gradients(step, model.with(options)));
      List<float[]> kept = graph.run(gradients(step, model.with(options.keeping(true))));
      List<float[]> plain = graph.run(gradients(step, model));

      for (int i = 0; i < again.size(); i++) {
        String name = model.variables().all().get(i).name();
        assertThat(kept.get(i)).as(name).containsExactly(again.get(i));
        Closeness.assertAgree(name, kept.get(i), Closeness.doubles(plain.get(i)), 1e-4);
      }
    }
  }

  private static List<Operand<TFloat32>> gradients(RandomStep step, VisionTransformer model) {
    Training training = step.train(model, 1);
    List<Operand<TFloat32>> gradients = new ArrayList<>();
    model.variables().all().forEach(v -> gradients.add(training.gradients().get(v)));
    return gradients;
  }

  /**
   * By hand for mlit-xxs: 9 blocks of 145 tokens, widths 108 and 54, 6 heads; or of half of them.
   */
  @ParameterizedTest
  @CsvSource({"0, 145", "0.5, 73"})
  void whatWouldBeKeptIsCountedByTheShapesOfItsTensors(double patchDropout, long tokens) {
    long experts = 0;
    ModelSpec spec = Presets.mlitXxs();
    for (int block = 0; block < 9; block++) {
      experts += (spec.experts().get(block) + 1L) * spec.hiddenWidths().get(block);
    }
    long values = tokens * (9 * (108 + 108 + 54 + 54 + 6 * tokens) + experts);

    assertThat(ActivationMemory.bytes(spec, patchDropout, 64)).isEqualTo(64 * 4 * values);
  }
}
