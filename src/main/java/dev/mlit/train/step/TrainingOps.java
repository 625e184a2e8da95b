package dev.mlit.train.step;

import dev.mlit.cluster.Workers;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.TrainingSpec;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * The operations of a training step: augmentation, forward and backward pass, and the update of the
 * variables.
 *
 * @param training forward and backward pass
 * @param gradients of the variables that are trained, of the whole batch
 * @param guard lets only finite gradients pass
 * @param shared the sum over the workers; null for a single worker
 * @param accumulation adds up gradients; null where a batch is computed at once
 * @param optimizer changes the weights
 * @param average of the weights; null where none is kept
 */
record TrainingOps(
    TaskOps.Pass training,
    Map<Variable, Operand<TFloat32>> gradients,
    FiniteGuard guard,
    @Nullable SharedGradients shared,
    @Nullable Accumulation accumulation,
    Optimizer optimizer,
    @Nullable ExponentialMovingAverage average) {

  /**
   * Adds the operations of a run's steps to a graph.
   *
   * @param task whose variables are the only ones so far
   * @param options that the operations of the model are chosen by
   * @param lanes parts of a batch that are computed side by side
   * @param workers those that share a batch
   * @throws dev.mlit.spec.InvalidInputException if {@code freeze} names no variable, or all of them
   */
  static TrainingOps of(
      Ops tf,
      RunSpec run,
      TaskOps task,
      TrainingInputs inputs,
      CompileOptions options,
      int lanes,
      Workers workers) {
    TrainingSpec spec = run.training();
    Variables variables = task.variables();
    List<Variable> weights = variables.all();
    TaskOps.Pass training = task.train(tf, inputs, options, lanes, workers.allReduce());
    Map<Variable, Operand<TFloat32>> trained = new LinkedHashMap<>(training.gradients());
    trained.keySet().removeAll(Freezing.of(run, weights));
    SharedGradients shared =
        workers.areSeveral() ? new SharedGradients(tf, workers.allReduce(), trained) : null;
    Map<Variable, Operand<TFloat32>> gradients = shared == null ? trained : shared.gradients();
    FiniteGuard guard = new FiniteGuard(tf, training.loss(), gradients);
    Accumulation accumulation =
        spec.microBatch() == null
            ? null
            : new Accumulation(tf, variables, guard.gradients(), inputs.share());
    double decay = run.optimizer().layerDecay();
    Optimizer optimizer =
        new Optimizer(
            tf,
            run.optimizer(),
            variables,
            accumulation == null ? guard.gradients() : accumulation.sums(),
            inputs.step(),
            inputs.rate(),
            variable -> LayerDecay.factor(variable, run.model().layers(), decay));
    return new TrainingOps(
        training,
        gradients,
        guard,
        shared,
        accumulation,
        optimizer,
        average(tf, run, weights, variables, inputs, optimizer));
  }

  private static @Nullable ExponentialMovingAverage average(
      Ops tf,
      RunSpec run,
      List<Variable> weights,
      Variables variables,
      TrainingInputs inputs,
      Optimizer optimizer) {
    RunSpec.Ema ema = run.ema();
    return ema == null
        ? null
        : new ExponentialMovingAverage(
            tf, ema.decay(), weights, variables, inputs.step(), optimizer.updates());
  }
}
