package dev.mlit.model;

import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/** Noise of the gates that leaves the choice of experts to no rounding and no small step. */
final class Routing {
  /** Far more than the steps of {@link CentralDifferences} move a score. */
  private static final double STEP = 0.8;

  private Routing() {}

  /**
   * Sets the noise of a layer so that the noisy scores of a token are {@link #STEP} apart.
   *
   * @param moe the path of the layer
   * @param x its input
   * @param noise its noise, an input of the graph
   */
  static void keepApart(
      TestGraph graph,
      Random random,
      String moe,
      double[][] x,
      Operand<TFloat32> noise,
      int experts) {
    float[] wanted = TestGraph.ladders(random, STEP, x.length, experts);
    Formulas formulas = graph.formulas();
    double[][] clean = formulas.clean(moe, x);
    double[][] scale = formulas.noiseScale(moe, x);
    float[] values = graph.values(noise);
    for (int i = 0; i < values.length; i++) {
      int token = i / experts;
      int expert = i % experts;
      values[i] = (float) ((wanted[i] - clean[token][expert]) / scale[token][expert]);
    }
  }
}
