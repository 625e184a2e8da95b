package dev.mlit.train;

import dev.mlit.graph.Drops;
import dev.mlit.graph.GateNoise;
import dev.mlit.graph.Variable;
import dev.mlit.graph.VisionTransformer;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.TrainingSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.math.Equal;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * The operations of a training step: augmentation, forward and backward pass, and what changes the
 * variables.
 *
 * @param training forward and backward pass
 * @param hits the number of images that were classified rightly, a scalar
 * @param gradients of the variables that are trained
 * @param guard lets finite gradients pass alone
 * @param accumulation adds up gradients; null where a batch is computed at once
 * @param optimizer changes the weights
 * @param average of the weights; null where none is kept
 */
record TrainingOps(
    VisionTransformer.Training training,
    Operand<TInt32> hits,
    Map<Variable, Operand<TFloat32>> gradients,
    FiniteGuard guard,
    @Nullable Accumulation accumulation,
    AdamW optimizer,
    @Nullable WeightAverage average) {

  /**
   * Adds the operations of a run's steps to a graph.
   *
   * @param model whose variables are all there is so far
   * @param lanes parts of a batch that are computed side by side
   * @throws dev.mlit.spec.InvalidInputException if {@code freeze} names no variable, or all of them
   */
  static TrainingOps of(
      Ops tf, RunSpec run, VisionTransformer model, TrainingInputs inputs, int lanes) {
    TrainingSpec spec = run.training();
    List<Variable> weights = model.variables().all();
    Augmentations.Augmented batch =
        Augmentations.ofRun(tf, run, inputs.images(), inputs.labels(), inputs.draw());
    Operand<TInt64> seed = tf.constant(spec.seed());
    VisionTransformer.Training training =
        model.trainTowards(
            batch.images(),
            batch.targets(),
            GateNoise.stateless(seed, inputs.draw()),
            Drops.stateless(spec.dropout(), spec.dropPath(), seed, inputs.draw()),
            lanes);
    Map<Variable, Operand<TFloat32>> gradients = new LinkedHashMap<>(training.gradients());
    gradients.keySet().removeAll(Freezing.frozen(run.freeze(), weights));
    FiniteGuard guard = new FiniteGuard(tf, training.loss(), gradients);
    Accumulation accumulation =
        spec.microBatch() == null
            ? null
            : new Accumulation(tf, model.variables(), guard.gradients(), inputs.share());
    double decay = run.optimizer().layerDecay();
    AdamW optimizer =
        new AdamW(
            tf,
            run.optimizer(),
            model.variables(),
            accumulation == null ? guard.gradients() : accumulation.sums(),
            inputs.step(),
            inputs.rate(),
            variable -> LayerDecay.factor(variable, run.model().layers(), decay));
    return new TrainingOps(
        training,
        // Of an image that is mixed, the class that has most of it counts.
        hits(tf, predicted(tf, training.logits()), predicted(tf, batch.targets())),
        gradients,
        guard,
        accumulation,
        optimizer,
        average(tf, run, weights, model, inputs, optimizer));
  }

  private static @Nullable WeightAverage average(
      Ops tf,
      RunSpec run,
      List<Variable> weights,
      VisionTransformer model,
      TrainingInputs inputs,
      AdamW optimizer) {
    RunSpec.Ema ema = run.ema();
    return ema == null
        ? null
        : new WeightAverage(
            tf, ema.decay(), weights, model.variables(), inputs.step(), optimizer.updates());
  }

  /** The class of the largest logit or share. */
  static Operand<TInt32> predicted(Ops tf, Operand<TFloat32> logits) {
    return tf.math.argMax(logits, tf.constant(1), TInt32.class);
  }

  /** The number of images whose predicted class is theirs. */
  static Operand<TInt32> hits(Ops tf, Operand<TInt32> predicted, Operand<TInt32> classes) {
    Operand<TBool> equal = tf.math.equal(predicted, classes, new Equal.Options[0]);
    return tf.sum(tf.dtypes.cast(equal, TInt32.class), tf.constant(0));
  }
}
