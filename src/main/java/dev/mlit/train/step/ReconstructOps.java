package dev.mlit.train.step;

import dev.mlit.augment.Augmentations;
import dev.mlit.cluster.AllReduce;
import dev.mlit.model.Autoencoder;
import dev.mlit.model.TestMasks;
import dev.mlit.spec.RunSpec;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.weights.Variables;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** Learns to paint the patches that are hidden from it: masked autoencoding, without labels. */
final class ReconstructOps implements TaskOps {
  private final RunSpec run;
  private final boolean noisy;
  private final Autoencoder model;

  ReconstructOps(Graph graph, RunSpec run, Variables variables, boolean noisy) {
    this.run = run;
    this.noisy = noisy;
    this.model = new Autoencoder(graph, run.model(), variables);
  }

  @Override
  public Variables variables() {
    return model.variables();
  }

  @Override
  public Pass train(
      Ops tf, TrainingInputs inputs, CompileOptions options, int lanes, AllReduce workers) {
    Operand<TFloat32> images =
        Augmentations.ofRun(tf, run, inputs.images(), inputs.labels(), inputs.draw()).images();
    StepDraws draws = StepDraws.of(tf, run, inputs, noisy);
    Autoencoder.Training training =
        model
            .with(options)
            .train(images, draws.masks(images), draws.gateNoise(), draws.drops(), lanes, workers);
    return new Pass(
        training.loss(),
        training.balanceLoss(),
        tf.constant(0f),
        training.routing(),
        training.gradients());
  }

  @Override
  public Test test(Ops tf, TrainingInputs inputs) {
    Operand<TFloat32> images = Augmentations.floats(tf, inputs.images());
    Autoencoder.Reconstruction painted =
        model.reconstruct(images, TestMasks.noise(tf, inputs.labels(), run.model().patches()));
    return new Test(
        painted.error(),
        tf.zerosLike(inputs.labels()),
        tf.zerosLike(painted.error()),
        painted.routing(),
        painted,
        run.neighbours() == null ? null : model.features(images).features());
  }
}
