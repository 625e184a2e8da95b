package dev.mlit.tensorflow;

import dev.mlit.spec.Precision;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/**
 * Products of float32 matrices, computed in float32 or bfloat16. Where the processor has no
 * products of bfloat16, factors and results are rounded just so, but multiplied in float32:
 * TensorFlow would otherwise keep parts of the sums in bfloat16 as well, which loses what is small,
 * and takes longer.
 *
 * @since 0.1.0
 */
public final class MatMuls {
  /** What is narrower is as fast in float32. */
  private static final int NARROW = 16;

  private final Precision precision;
  private final boolean inHardware;
  private final boolean fuses;

  public MatMuls(CompileOptions options) {
    this.precision = options.precision();
    this.inHardware = options.multipliesBfloat16();
    this.fuses = options.fuses();
  }

  /** The product of two matrices; either side may be read transposed. */
  Operand<TFloat32> matMul(
      Ops tf, Operand<TFloat32> a, boolean transposeA, Operand<TFloat32> b, boolean transposeB) {
    MatMul.Options[] options = {MatMul.transposeA(transposeA), MatMul.transposeB(transposeB)};
    if (!rounds(a, b)) {
      return tf.linalg.matMul(a, b, options);
    }
    return inHardware
        ? widen(tf, tf.linalg.matMul(narrow(tf, a), narrow(tf, b), options))
        : rounded(tf, tf.linalg.matMul(rounded(tf, a), rounded(tf, b), options));
  }

  /** rows kernel + bias; see {@link CompileOptions#fuses}. */
  Operand<TFloat32> linear(
      Ops tf, Operand<TFloat32> rows, Operand<TFloat32> kernel, Operand<TFloat32> bias) {
    if (!fuses || rounds(rows, kernel)) {
      return tf.nn.biasAdd(matMul(tf, rows, false, kernel, false), bias);
    }
    Output<TFloat32> sum =
        tf.scope()
            .opBuilder("_FusedMatMul", "FusedMatMul")
            .addInput(rows.asOutput())
            .addInput(kernel.asOutput())
            .addInputList(new Output<?>[] {bias.asOutput()})
            .setAttr("num_args", 1)
            .setAttr("fused_ops", new String[] {"BiasAdd"})
            .build()
            .output(0);
    return sum;
  }

  /** One product for every matrix of a stack; either side may be read transposed. */
  public Operand<TFloat32> batchMatMul(
      Ops tf, Operand<TFloat32> a, boolean transposeA, Operand<TFloat32> b, boolean transposeB) {
    if (!rounds(a, b)) {
      return stack(tf, a, transposeA, b, transposeB);
    }
    return inHardware
        ? widen(tf, stack(tf, narrow(tf, a), transposeA, narrow(tf, b), transposeB))
        : rounded(tf, stack(tf, rounded(tf, a), transposeA, rounded(tf, b), transposeB));
  }

  private static <T extends TNumber> Operand<T> stack(
      Ops tf, Operand<T> a, boolean transposeA, Operand<T> b, boolean transposeB) {
    // Not tf.train.batchMatMul: that makes BatchMatMulV3, which does not run on oneDNN and takes
    // about twice the time.
    Output<T> product =
        tf.scope()
            .opBuilder("BatchMatMulV2", "BatchMatMul")
            .addInput(a.asOutput())
            .addInput(b.asOutput())
            .setAttr("adj_x", transposeA)
            .setAttr("adj_y", transposeB)
            .build()
            .output(0);
    return product;
  }

  private boolean rounds(Operand<TFloat32> a, Operand<TFloat32> b) {
    return precision == Precision.BFLOAT16 && !isNarrow(a.shape()) && !isNarrow(b.shape());
  }

  private static boolean isNarrow(Shape shape) {
    int rank = shape.numDimensions();
    return isNarrow(shape.get(rank - 1)) || isNarrow(shape.get(rank - 2));
  }

  private static boolean isNarrow(long size) {
    return size != Shape.UNKNOWN_SIZE && size < NARROW;
  }

  private static Operand<TFloat32> rounded(Ops tf, Operand<TFloat32> a) {
    return widen(tf, narrow(tf, a));
  }

  private static Operand<TBfloat16> narrow(Ops tf, Operand<TFloat32> a) {
    return tf.dtypes.cast(a, TBfloat16.class);
  }

  private static Operand<TFloat32> widen(Ops tf, Operand<TBfloat16> a) {
    return tf.dtypes.cast(a, TFloat32.class);
  }
}
