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
import org.junit.jupiter.api.Test;
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
    ModelSpec spec = RandomModels.draw(random);
    try (TestGraph graph = new TestGraph()) {
      VisionTransformer model = new VisionTransformer(graph.graph(), spec, graph.variables());
      graph.fillVariables(random, 0.4);
      Operand<TFloat32> batch = graph.images(random, spec.image(), images);
      Operand<TFloat32> targets =
          graph
              .tf()
              .oneHot(
                  graph.tf().constant(random.ints(images, 0, spec.classes()).toArray()),
                  graph.tf().constant(spec.classes()),
                  graph.tf().constant(1f),
                  graph.tf().constant(0f));
      GateNoise noise =
          GateNoise.stateless(graph.tf().constant(random.nextLong()), graph.tf().constant(7L));
      Drops drops =
          Drops.stateless(
              0.2, 0.4, graph.tf().constant(random.nextLong()), graph.tf().constant(7L));
      CompileOptions step = CompileOptions.ofMachine().expecting(images).fusing();

      List<float[]> again = graph.run(gradients(model.with(step), batch, targets, noise, drops));
      List<float[]> kept =
          graph.run(gradients(model.with(step.keeping(true)), batch, targets, noise, drops));
      List<float[]> plain = graph.run(gradients(model, batch, targets, noise, drops));

      for (int i = 0; i < again.size(); i++) {
        String name = model.variables().all().get(i).name();
        assertThat(kept.get(i)).as(name).containsExactly(again.get(i));
        Closeness.assertAgree(name, kept.get(i), Closeness.doubles(plain.get(i)), 1e-4);
      }
    }
  }

  private static List<Operand<TFloat32>> gradients(
      VisionTransformer model,
      Operand<TFloat32> batch,
      Operand<TFloat32> targets,
      GateNoise noise,
      Drops drops) {
    Training training = model.trainTowards(batch, targets, noise, drops, 1);
    List<Operand<TFloat32>> gradients = new ArrayList<>();
    model.variables().all().forEach(v -> gradients.add(training.gradients().get(v)));
    return gradients;
  }

  /** By hand for mlit-xxs: 9 blocks of 145 tokens, widths 108 and 54, 6 heads. */
  @Test
  void whatWouldBeKeptIsCountedByTheShapesOfItsTensors() {
    long experts = 0;
    ModelSpec spec = Presets.mlitXxs();
    for (int block = 0; block < 9; block++) {
      experts += (spec.experts().get(block) + 1L) * spec.hiddenWidths().get(block);
    }
    long values = 145L * (9 * (108 + 108 + 54 + 54 + 6 * 145L) + experts);

    assertThat(ActivationMemory.bytes(spec, 64)).isEqualTo(64 * 4 * values);
  }
}
