package dev.mlit.tensorflow;

import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Sum;
import org.tensorflow.op.math.Mean;
import org.tensorflow.op.math.SigmoidGrad;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The float32 operations that layers are made of, named after the layer they belong to.
 *
 * @since 0.1.0
 */
public final class FloatOps {
  private final LayerScope scope;
  private final Ops tf;
  private final Constants constants;
  private final CompileOptions options;
  private final MatMuls products;

  /** The operations of a graph's top. */
  public FloatOps(Graph graph, CompileOptions options) {
    this(
        new LayerScope(Operations.of(graph)),
        new Constants(Operations.of(graph).withSubScope("constants")),
        options);
  }

  private FloatOps(LayerScope scope, Constants constants, CompileOptions options) {
    this.scope = scope;
    this.tf = scope.tf();
    this.constants = constants;
    this.options = options;
    this.products = new MatMuls(options);
  }

  /** Operations named after a layer inside this one. */
  public FloatOps child(String name) {
    return new FloatOps(scope.child(name), constants, options);
  }

  /** Operations of the same layer that are chosen by other options. */
  public FloatOps with(CompileOptions options) {
    return new FloatOps(scope, constants, options);
  }

  /** What operations are chosen by. */
  public CompileOptions options() {
    return options;
  }

  public Ops tf() {
    return tf;
  }

  public Operand<TFloat32> constant(double value) {
    return constants.of((float) value);
  }

  public Operand<TFloat32> add(Operand<TFloat32> a, Operand<TFloat32> b) {
    return tf.math.add(a, b);
  }

  /**
   * The sum of all of them, in their order. AddN begins with the first term whose memory it may
   * overwrite, which is another one from run to run: of more than two terms it rounds differently.
   */
  public Operand<TFloat32> addAll(List<Operand<TFloat32>> terms) {
    return switch (terms.size()) {
      case 1 -> terms.get(0);
      case 2 -> tf.math.add(terms.get(0), terms.get(1));
      default -> tf.sum(tf.stack(terms), tf.constant(0));
    };
  }

  public Operand<TFloat32> sub(Operand<TFloat32> a, Operand<TFloat32> b) {
    return tf.math.sub(a, b);
  }

  public Operand<TFloat32> mul(Operand<TFloat32> a, Operand<TFloat32> b) {
    return tf.math.mul(a, b);
  }

  public Operand<TFloat32> mul(Operand<TFloat32> a, double factor) {
    return tf.math.mul(a, constant(factor));
  }

  public Operand<TFloat32> div(Operand<TFloat32> a, Operand<TFloat32> b) {
    return tf.math.div(a, b);
  }

  public Operand<TFloat32> sigmoid(Operand<TFloat32> a) {
    return tf.math.sigmoid(a);
  }

  /** The gradient at a, from sigmoid(a) and the gradient at that. */
  public Operand<TFloat32> sigmoidGradient(Operand<TFloat32> sigmoid, Operand<TFloat32> upstream) {
    return SigmoidGrad.create(tf.scope(), sigmoid, upstream);
  }

  /**
   * The same tensor, there only once {@code after} is. What a backward pass computes again from it
   * waits for that pass; TensorFlow would do it at once otherwise, and keep it until then.
   */
  public Operand<TFloat32> later(Operand<TFloat32> a, Operand<TFloat32> after) {
    return later(a, List.of(after));
  }

  /** As above, with several to wait for. */
  public Operand<TFloat32> later(Operand<TFloat32> a, List<Operand<TFloat32>> after) {
    return tf.withControlDependencies(List.<Op>copyOf(after)).identity(a);
  }

  /**
   * rows kernel + bias.
   *
   * @param rows [rows, inputs]
   * @param kernel [inputs, outputs]
   * @param bias [outputs]
   */
  public Operand<TFloat32> linear(
      Operand<TFloat32> rows, Operand<TFloat32> kernel, Operand<TFloat32> bias) {
    return products.linear(tf, rows, kernel, bias);
  }

  /** a b. */
  public Operand<TFloat32> matMul(Operand<TFloat32> a, Operand<TFloat32> b) {
    return products.matMul(tf, a, false, b, false);
  }

  /** aT b: the gradient at b of c = a b, from a and the gradient at c. */
  public Operand<TFloat32> matMulLeftTransposed(Operand<TFloat32> a, Operand<TFloat32> b) {
    return products.matMul(tf, a, true, b, false);
  }

  /** a bT: the gradient at a of c = a b, from the gradient at c and b. */
  public Operand<TFloat32> matMulRightTransposed(Operand<TFloat32> a, Operand<TFloat32> b) {
    return products.matMul(tf, a, false, b, true);
  }

  /** One product for every matrix of a stack; either side may be read transposed. */
  public Operand<TFloat32> batchMatMul(
      Operand<TFloat32> a, boolean transposeA, Operand<TFloat32> b, boolean transposeB) {
    return products.batchMatMul(tf, a, transposeA, b, transposeB);
  }

  public Operand<TFloat32> softmax(Operand<TFloat32> a) {
    return tf.nn.softmax(a);
  }

  /** The sum over the rows [rows, width]: [width]. */
  public Operand<TFloat32> sumRows(Operand<TFloat32> a) {
    return sum(a, 0);
  }

  /** The sum over one axis, which goes away. */
  public Operand<TFloat32> sum(Operand<TFloat32> a, int axis) {
    return tf.sum(a, constants.of(axis));
  }

  /** The sum over the last axis, which stays with size 1. */
  public Operand<TFloat32> sumLast(Operand<TFloat32> a) {
    return tf.sum(a, constants.of(-1), Sum.keepDims(true));
  }

  /** The mean over the last axis, which stays with size 1. */
  public Operand<TFloat32> meanLast(Operand<TFloat32> a) {
    return tf.math.mean(a, constants.of(-1), Mean.keepDims(true));
  }

  public Operand<TInt32> whole(int value) {
    return constants.of(value);
  }

  public Operand<TInt32> whole(int[] values) {
    return constants.of(values);
  }

  /** The number of rows, a scalar. */
  public Operand<TInt32> rows(Operand<?> a) {
    return tf.gather(tf.shape(a), constants.of(0), constants.of(0));
  }

  /** One of the sizes may be -1: what is left. */
  public Operand<TFloat32> reshape(Operand<TFloat32> a, int... sizes) {
    return tf.reshape(a, constants.of(sizes));
  }

  /** The number in a vector of one. */
  public Operand<TFloat32> scalar(Operand<TFloat32> vector) {
    return tf.reshape(vector, constants.of(new int[0]));
  }

  public Operand<TFloat32> transpose(Operand<TFloat32> a, int... axes) {
    return tf.linalg.transpose(a, constants.of(axes));
  }

  /** Cuts the axis into parts of these sizes. */
  public List<Output<TFloat32>> split(Operand<TFloat32> a, int axis, int... sizes) {
    return tf.splitV(a, constants.of(sizes), constants.of(axis), (long) sizes.length).output();
  }

  /** The first of every {@code count} rows: [images * count, width] to [images, width]. */
  public Operand<TFloat32> first(Operand<TFloat32> rows, int count) {
    if (count == 1) {
      return rows;
    }
    long width = rows.shape().get(1);
    Operand<TFloat32> groups = reshape(rows, -1, count * (int) width);
    return tf.slice(
        groups, constants.of(new int[] {0, 0}), constants.of(new int[] {-1, (int) width}));
  }

  /**
   * The inverse of {@link #first}: the other rows are 0.
   *
   * @param width of the rows
   */
  public Operand<TFloat32> spread(Operand<TFloat32> rows, int count, int width) {
    if (count == 1) {
      return rows;
    }
    Operand<TInt32> behind = tf.constant(new int[][] {{0, 0}, {0, (count - 1) * width}});
    return reshape(tf.pad(rows, behind, constant(0)), -1, width);
  }

  /** One behind the other along the axis. */
  public Operand<TFloat32> concat(int axis, List<Operand<TFloat32>> parts) {
    return parts.size() == 1 ? parts.get(0) : tf.concat(parts, constants.of(axis));
  }
}
