package dev.mlit.train.step;

import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.tensorflow.MatMuls;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Sum;
import org.tensorflow.types.TFloat32;

/**
 * Makes matrices nearly orthogonal: of G = U S V^T about U V^T, by five steps X = a X + b (X X^T) X
 * + c (X X^T)^2 X from G / |G|, in float32 (Jordan et al. 2024, "Muon: An optimizer for hidden
 * layers in neural networks"). The coefficients lift small singular values fast and leave all of
 * them somewhere around 1. Zeros stay zeros.
 *
 * <p>With Y = c^(1/4) X and R = Y Y^T a step is Y = (R (R + b / sqrt(c) I) + a I) Y: three products
 * and two sums of small matrices.
 *
 * @since 0.1.0
 */
public final class NewtonSchulz {
  private static final double A = 3.4445;
  private static final double B = -4.7750;
  private static final double C = 2.0315;
  private static final int STEPS = 5;

  /** A shorter matrix is divided by this in place of its length. */
  private static final float SHORTEST = 1e-7f;

  private static final double ROOT = Math.sqrt(C);

  private final MatMuls products = new MatMuls(CompileOptions.ofMachine());

  /**
   * Orthogonalises every matrix of a stack.
   *
   * @param matrices [count, rows, columns], rows at most columns
   * @param factor what the orthogonal matrices are multiplied with
   * @return matrices of the same shape
   */
  public Operand<TFloat32> apply(Ops tf, Operand<TFloat32> matrices, double factor) {
    int rows = Math.toIntExact(matrices.shape().get(1));
    Operand<TFloat32> slope = identity(tf, rows, A);
    Operand<TFloat32> bend = identity(tf, rows, B / ROOT);
    Operand<TFloat32> y = tf.math.mul(matrices, inverseLengths(tf, matrices));
    for (int step = 0; step < STEPS; step++) {
      Operand<TFloat32> gram = products.batchMatMul(tf, y, false, y, true);
      Operand<TFloat32> square =
          products.batchMatMul(tf, gram, false, tf.math.add(gram, bend), false);
      y = products.batchMatMul(tf, tf.math.add(square, slope), false, y, false);
    }
    return tf.math.mul(y, scalar(tf, factor / Math.sqrt(ROOT)));
  }

  /** What makes Y of a matrix: [count, 1, 1]. */
  private static Operand<TFloat32> inverseLengths(Ops tf, Operand<TFloat32> matrices) {
    Operand<TFloat32> squares =
        tf.sum(tf.math.square(matrices), tf.constant(new int[] {1, 2}), Sum.keepDims(true));
    Operand<TFloat32> lengths = tf.math.maximum(tf.math.sqrt(squares), tf.constant(SHORTEST));
    return tf.math.div(scalar(tf, Math.sqrt(ROOT)), lengths);
  }

  private static Operand<TFloat32> identity(Ops tf, int size, double factor) {
    return tf.linalg.tensorDiag(tf.fill(tf.constant(Shape.of(size)), scalar(tf, factor)));
  }

  private static Operand<TFloat32> scalar(Ops tf, double value) {
    return tf.constant((float) value);
  }
}
