package dev.mlit.train.step;

import dev.mlit.cluster.AllReduce;
import dev.mlit.model.Autoencoder;
import dev.mlit.spec.RunSpec;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** The operations of a run's task on its model. */
interface TaskOps {

  /**
   * Makes the model of a run and its variables in a graph.
   *
   * @param noisy whether the gates have noise while training
   */
  static TaskOps of(Graph graph, RunSpec run, Variables variables, boolean noisy) {
    return switch (run.task()) {
      case CLASSIFY -> new ClassifyOps(graph, run, variables, noisy);
      case RECONSTRUCT -> new ReconstructOps(graph, run, variables, noisy);
    };
  }

  /**
   * A forward and a backward pass. All values are of the whole batch except the gradients: where
   * several workers share the batch, those are of this worker's images.
   *
   * @param loss what is made smaller, a scalar
   * @param balanceLoss the balance losses in it, a scalar
   * @param hits the number of images that were classified rightly, a scalar; 0 without classes
   * @param routing what the gates did; see {@link dev.mlit.model.RouterLoad#parse}
   * @param gradients the gradient of the loss at every variable of the model
   */
  record Pass(
      Operand<TFloat32> loss,
      Operand<TFloat32> balanceLoss,
      Operand<TFloat32> hits,
      Operand<TFloat32> routing,
      Map<Variable, Operand<TFloat32>> gradients) {}

  /**
   * A test of some images.
   *
   * @param losses [images], the loss of every image, balance losses apart
   * @param predicted [images], the classes that the model predicts; 0 without classes
   * @param confidence [images], the probabilities of those; 0 without classes
   * @param routing what the gates did; see {@link dev.mlit.model.RouterLoad#parse}
   * @param painted the images as an autoencoder completes them; null for a classifier
   * @param features [images, embedding], of images whose patches are all visible; null where the
   *     run has no use for them
   */
  record Test(
      Operand<TFloat32> losses,
      Operand<TInt32> predicted,
      Operand<TFloat32> confidence,
      Operand<TFloat32> routing,
      Autoencoder.@Nullable Reconstruction painted,
      @Nullable Operand<TFloat32> features) {}

  /** The variables of the model and those that were added to them. */
  Variables variables();

  /**
   * Adds augmentation, the forward and the backward pass to the graph.
   *
   * @param options that the operations of the model are chosen by
   * @param lanes parts of a batch that are computed side by side
   * @param workers those that share a batch
   */
  Pass train(Ops tf, TrainingInputs inputs, CompileOptions options, int lanes, AllReduce workers);

  /**
   * Adds a test to the graph: no augmentation, no gate noise, and all products in float32, as in
   * what is exported. A task without classes wants to be fed the numbers of the images in place of
   * their labels.
   */
  Test test(Ops tf, TrainingInputs inputs);
}
