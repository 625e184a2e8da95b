package dev.mlit.model;

import dev.mlit.model.VisionTransformer.Training;
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
    try (TestGraph graph = new TestGraph()) {
      RandomStep step = RandomStep.draw(graph, random, images);
      VisionTransformer model = step.model();

      List<float[]> one = graph.run(outputs(model, step.train(model, 1)));
      List<float[]> several = graph.run(outputs(model, step.train(model, lanes)));

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
