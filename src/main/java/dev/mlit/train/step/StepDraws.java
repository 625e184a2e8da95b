package dev.mlit.train.step;

import dev.mlit.model.Drops;
import dev.mlit.model.GateNoise;
import dev.mlit.model.PatchDropout;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.TrainingSpec;
import dev.mlit.spec.seed.RandomStream;
import dev.mlit.tensorflow.StepSeed;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * The random numbers of a run's model in a training step: a function of the run's seed and the
 * step, and of nothing else.
 *
 * @param seed a scalar
 * @param draw a scalar; see {@link TrainingInputs}
 * @param noisy whether the gates have noise
 */
record StepDraws(Ops tf, RunSpec run, Operand<TInt64> seed, Operand<TInt64> draw, boolean noisy) {

  static StepDraws of(Ops tf, RunSpec run, TrainingInputs inputs, boolean noisy) {
    return new StepDraws(tf, run, tf.constant(run.training().seed()), inputs.draw(), noisy);
  }

  /** The noise of the gates, or none. */
  GateNoise gateNoise() {
    return noisy ? GateNoise.stateless(seed, draw) : GateNoise.NONE;
  }

  /** What is dropped in the blocks. */
  Drops drops() {
    TrainingSpec spec = run.training();
    return Drops.stateless(spec.dropout(), spec.dropPath(), seed, draw);
  }

  /** The patches that are left out. */
  PatchDropout patchDropout() {
    return PatchDropout.stateless(run.training().patchDropout(), seed, draw);
  }

  /**
   * What decides which patches are hidden from an autoencoder, [batch, N]: those with the smallest
   * numbers stay visible.
   *
   * @param images [batch, ...]
   */
  Operand<TFloat32> masks(Operand<TFloat32> images) {
    Operand<TInt32> batch = tf.gather(tf.shape(images), tf.constant(0), tf.constant(0));
    return tf.random.statelessRandomUniform(
        tf.stack(List.of(batch, tf.constant(run.model().patches()))),
        StepSeed.of(tf, seed, RandomStream.MASKS.key(), draw));
  }
}
