package dev.mlit.train.step;

import dev.mlit.augment.Augmentations;
import dev.mlit.cluster.AllReduce;
import dev.mlit.model.Autoencoder;
import dev.mlit.model.Drops;
import dev.mlit.model.TestMasks;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.TrainingSpec;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.weights.Variables;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** Learns to paint the patches that are hidden from it: masked autoencoding, without labels. */
final class ReconstructOps implements TaskOps {
  /** Beside the seeds of gate noise, drops and augmentation, which are below 2^37 or from 2^40. */
  private static final long MASK_KEY = 5L << 37;

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
    TrainingSpec spec = run.training();
    Operand<TFloat32> images =
        Augmentations.ofRun(tf, run, inputs.images(), inputs.labels(), inputs.draw()).images();
    Operand<TInt64> seed = tf.constant(spec.seed());
    Operand<TInt32> batch = tf.gather(tf.shape(images), tf.constant(0), tf.constant(0));
    Operand<TInt64> key = tf.math.add(seed, tf.constant(MASK_KEY));
    Operand<TFloat32> noise =
        tf.random.statelessRandomUniform(
            tf.stack(List.of(batch, tf.constant(run.model().patches()))),
            tf.stack(List.of(key, inputs.draw())));
    Autoencoder.Training training =
        model
            .with(options)
            .train(
                images,
                noise,
                TaskOps.noise(tf, run, inputs, noisy),
                Drops.stateless(spec.dropout(), spec.dropPath(), seed, inputs.draw()),
                lanes,
                workers);
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
