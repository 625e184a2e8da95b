package dev.mlit.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.tensorflow.Operand;
import org.tensorflow.framework.initializers.Glorot;
import org.tensorflow.framework.initializers.RandomNormal;
import org.tensorflow.framework.initializers.VarianceScaling.Distribution;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** The first value of a variable, by the seed of the run and the name of the variable. */
enum Initial {
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
  /** Tokens and position embeddings: normal, standard deviation 0.02. */
  NORMAL {
    @Override
    Operand<TFloat32> value(Ops tf, Shape shape, long seed) {
      return new RandomNormal<TFloat32>(0, 0.02, seed)
          .call(tf, tf.constant(shape.asArray()), TFloat32.class);
    }
  },
  /** Kernels [in, out]: uniform within sqrt(6 / (in + out)) (Glorot and Bengio 2010). */
  GLOROT {
    @Override
    Operand<TFloat32> value(Ops tf, Shape shape, long seed) {
      return new Glorot<TFloat32>(Distribution.UNIFORM, seed)
          .call(tf, tf.constant(shape.asArray()), TFloat32.class);
    }
  },
  /** Kernels of experts [experts, in, out]: every expert by itself as {@link #GLOROT}. */
  GLOROT_EACH {
    @Override
    Operand<TFloat32> value(Ops tf, Shape shape, long seed) {
      SplittableRandom seeds = new SplittableRandom(seed);
      List<Operand<TFloat32>> kernels = new ArrayList<>();
      for (int expert = 0; expert < shape.get(0); expert++) {
        kernels.add(GLOROT.value(tf, shape.subShape(1, 3), seeds.nextLong()));
      }
      return tf.stack(kernels);
    }
  };

  abstract Operand<TFloat32> value(Ops tf, Shape shape, long seed);
}
