package dev.mlit.model;

import dev.mlit.model.VisionTransformer.Training;
import dev.mlit.spec.ModelSpec;
import dev.mlit.weights.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * If this fails, a run learns something else on a machine with more cores: a user could not repeat
 * elsewhere what he has published.
 */
@Tag("slow")
class LanesTest {
  private static final List<String> NAMES =
      List.of("routing", "logits", "cross-entropy", "balance losses", "loss");

  @Property(tries = 12)
  void anyNumberOfLanesComputesTheSameStep(
      @ForAll @IntRange(min = 1, max = 5) int images,
      @ForAll @IntRange(min = 2, max = 4) int lanes,
      @ForAll Random random) {
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

      List<float[]> one =
          graph.run(outputs(model, model.trainTowards(batch, targets, noise, drops, 1)));
      List<float[]> several =
          graph.run(outputs(model, model.trainTowards(batch, targets, noise, drops, lanes)));

      for (int i = 0; i < one.size(); i++) {
        String name = i < NAMES.size() ? NAMES.get(i) : variable(model, i).name();
        Closeness.assertAgree(name, several.get(i), Closeness.doubles(one.get(i)), 1e-4);
      }
    }
  }

  private static List<Operand<TFloat32>> outputs(VisionTransformer model, Training training) {
    List<Operand<TFloat32>> outputs =
        new ArrayList<>(
            List.of(
                training.routing(),
                training.logits(),
                training.taskLoss(),
                training.balanceLoss(),
                training.loss()));
    for (Variable variable : model.variables().all()) {
      outputs.add(training.gradients().get(variable));
    }
    return outputs;
  }

  private static Variable variable(VisionTransformer model, int output) {
    return model.variables().all().get(output - NAMES.size());
  }
}
