package dev.mlit.model;

import dev.mlit.model.VisionTransformer.Training;
import dev.mlit.spec.ModelSpec;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/** All that a training step reads, by chance: a model's weights, images, classes, noise, drops. */
record RandomStep(
    VisionTransformer model,
    Operand<TFloat32> images,
    Operand<TFloat32> targets,
    GateNoise noise,
    Drops drops) {

  /** A step of a small model. */
  static RandomStep draw(TestGraph graph, Random random, int images) {
    ModelSpec spec = RandomModels.draw(random);
    VisionTransformer model = new VisionTransformer(graph.graph(), spec, graph.variables());
    graph.fillVariables(random, 0.4);
    return new RandomStep(
        model,
        graph.images(random, spec.image(), images),
        graph
            .tf()
            .oneHot(
                graph.tf().constant(random.ints(images, 0, spec.classes()).toArray()),
                graph.tf().constant(spec.classes()),
                graph.tf().constant(1f),
                graph.tf().constant(0f)),
        GateNoise.stateless(graph.tf().constant(random.nextLong()), graph.tf().constant(7L)),
        Drops.stateless(0.2, 0.4, graph.tf().constant(random.nextLong()), graph.tf().constant(7L)));
  }

  /** The step of the model, or of the same one by other operations. */
  Training train(VisionTransformer model, int lanes) {
    return model.trainTowards(images, targets, noise, drops, lanes);
  }
}
