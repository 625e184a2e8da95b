package dev.mlit.weights;

import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * The first value of a variable, by the seed of the run and the name of the variable.
 *
 * <p>Not the initializers of tensorflow-framework 1.0.0: its uniform distribution begins at 0
 * instead of at the negative limit, so that all weights are positive, and it opens a session for
 * every variable to learn its shape, which takes seconds for a whole model.
 *
 * @since 0.1.0
 */
public enum Initializer {
  /** Biases. */
  ZEROS {
    @Override
    Operand<TFloat32> value(Ops tf, Shape shape, long seed) {
      return tf.fill(tf.constant(shape.asArray()), tf.constant(0f));
    }
  },
  /** Scales of norms. */
  ONES {
    @Override
    Operand<TFloat32> value(Ops tf, Shape shape, long seed) {
      return tf.fill(tf.constant(shape.asArray()), tf.constant(1f));
    }
  },
  /** Tokens and position embeddings: normal, mean 0, standard deviation 0.02. */
  NORMAL {
    @Override
    Operand<TFloat32> value(Ops tf, Shape shape, long seed) {
      Operand<TFloat32> normal =
          tf.random.statelessRandomNormal(tf.constant(shape.asArray()), seeds(tf, seed));
      return tf.math.mul(normal, tf.constant(0.02f));
    }
  },
  /**
   * Kernels [in, out], and stacks of them, [count, in, out]: uniform in [-l, l) with l = sqrt(6 /
   * (in + out)) (Glorot and Bengio 2010, equation 16).
   */
  GLOROT {
    @Override
    Operand<TFloat32> value(Ops tf, Shape shape, long seed) {
      int rank = shape.numDimensions();
      double limit = Math.sqrt(6.0 / (shape.get(rank - 2) + shape.get(rank - 1)));
      Operand<TFloat32> uniform =
          tf.random.statelessRandomUniform(tf.constant(shape.asArray()), seeds(tf, seed));
      return tf.math.mul(tf.math.sub(uniform, tf.constant(0.5f)), tf.constant((float) (2 * limit)));
    }
  };

  abstract Operand<TFloat32> value(Ops tf, Shape shape, long seed);

  private static Operand<TInt64> seeds(Ops tf, long seed) {
    return tf.constant(new long[] {seed, 0});
  }
}
