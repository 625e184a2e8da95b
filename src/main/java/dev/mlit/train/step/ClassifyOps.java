package dev.mlit.train.step;

import dev.mlit.augment.Augmentations;
import dev.mlit.cluster.AllReduce;
import dev.mlit.model.VisionTransformer;
import dev.mlit.spec.RunSpec;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.weights.Variables;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Learns the classes of images. */
final class ClassifyOps implements TaskOps {
  private final RunSpec run;
  private final boolean noisy;
  private final VisionTransformer model;

  ClassifyOps(Graph graph, RunSpec run, Variables variables, boolean noisy) {
    this.run = run;
    this.noisy = noisy;
    this.model = new VisionTransformer(graph, run.model(), variables);
  }

  @Override
  public Variables variables() {
    return model.variables();
  }

  @Override
  public Pass train(
      Ops tf, TrainingInputs inputs, CompileOptions options, int lanes, AllReduce workers) {
    Augmentations.Augmented batch =
        Augmentations.ofRun(tf, run, inputs.images(), inputs.labels(), inputs.draw());
    StepDraws draws = StepDraws.of(tf, run, inputs, noisy);
    VisionTransformer.Training training =
        model
            .with(options)
            .trainTowards(
                batch.images(),
                batch.targets(),
                draws.patchDropout(),
                draws.gateNoise(),
                draws.drops(),
                lanes,
                workers);
    return new Pass(
        training.loss(),
        training.balanceLoss(),
        training.hits(),
        training.routing(),
        training.gradients());
  }

  @Override
  public Test test(Ops tf, TrainingInputs inputs) {
    VisionTransformer.Inference inference = model.infer(Augmentations.floats(tf, inputs.images()));
    Operand<TFloat32> targets =
        Augmentations.targets(tf, inputs.labels(), run.model().classes(), 0);
    return new Test(
        tf.nn.softmaxCrossEntropyWithLogits(inference.logits(), targets).loss(),
        predicted(tf, inference.logits()),
        tf.max(inference.probabilities(), tf.constant(1)),
        inference.routing(),
        null,
        inference.features());
  }

  /** The class of the largest logit or share. */
  private static Operand<TInt32> predicted(Ops tf, Operand<TFloat32> logits) {
    return tf.math.argMax(logits, tf.constant(1), TInt32.class);
  }
}
