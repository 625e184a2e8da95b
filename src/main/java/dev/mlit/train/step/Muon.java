package dev.mlit.train.step;

import dev.mlit.spec.OptimizerSpec;
import dev.mlit.weights.Variable;
import dev.mlit.weights.Variables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Muon (Jordan et al. 2024): steps of momentum that are made orthogonal, matrix by matrix, so that
 * all directions of a kernel learn alike. Its steps are as large as those of AdamW (Liu et al.
 * 2025, "Muon is Scalable for LLM Training"), and so is its decay.
 *
 * <p>For gradient g: m = u m + (1 - u) g, with momentum u; O = {@link NewtonSchulz} of (1 - u) g +
 * u m, Nesterov's look ahead; w = w - rate * decay * w - rate * 0.2 sqrt(max(inputs, outputs)) O.
 * Every expert is a separate matrix. The state of variable NAME is {@code optimizer/NAME/momentum}.
 *
 * <p>Matrices of one shape, turned on their side where they are tall, go through Newton-Schulz as
 * one stack.
 */
final class Muon {
  private static final Pattern KERNELS =
      Pattern.compile(
          "(encoder|decoder)/block_\\d+/(attention/(query|key|value|output)"
              + "|moe/(experts|value|output))/kernel");

  /** Entries of AdamW's steps are about this large, root mean square, in units of the rate. */
  private static final double SIZE_OF_ADAMW = 0.2;

  /**
   * Numbers of a stack: 512 KiB. A larger one leaves the cache between two operations on it, and
   * keeps one thread busy while others wait.
   */
  private static final long CACHED_VALUES = 1 << 17;

  private final Ops tf;
  private final OptimizerSpec spec;
  private final NewtonSchulz newtonSchulz = new NewtonSchulz();
  private final List<Op> updates = new ArrayList<>();

  /**
   * Whether Muon is meant for a variable: the kernels inside the blocks but those of the gates,
   * which choose, and of their noise. Embeddings, heads, biases and norms are no such matrices.
   */
  static boolean takes(Variable variable) {
    return KERNELS.matcher(variable.name()).matches();
  }

  /**
   * Adds the update of kernels to the graph.
   *
   * @param gradients kernels and the clipped gradients of the loss at them
   * @param rate AdamW's learning rate of this step, a scalar
   * @param factors what the rate is multiplied with for a variable; see {@link LayerDecay}
   */
  Muon(
      Ops ops,
      OptimizerSpec spec,
      Variables variables,
      Map<Variable, Operand<TFloat32>> gradients,
      Operand<TFloat32> rate,
      ToDoubleFunction<Variable> factors) {
    this.tf = ops.withSubScope("muon");
    this.spec = spec;
    Map<Double, Operand<TFloat32>> rates = new HashMap<>();
    double ofAdamW = spec.muonRate() / spec.learningRate();
    for (Stack stack : stacks(gradients, variables)) {
      stack
          .orthogonal()
          .forEach(
              (variable, direction) -> {
                Operand<TFloat32> scaledRate =
                    rates.computeIfAbsent(
                        factors.applyAsDouble(variable),
                        factor -> tf.math.mul(rate, Optimizer.scalar(tf, factor * ofAdamW)));
                updates.add(
                    tf.train.resourceApplyGradientDescent(
                        variable.handle(), scaledRate, decaying(variable, direction)));
              });
    }
  }

  /** The operations of one step; all must run. */
  List<Op> updates() {
    return updates;
  }

  private Operand<TFloat32> decaying(Variable variable, Operand<TFloat32> direction) {
    if (!variable.decays() || spec.weightDecay() == 0) {
      return direction;
    }
    Operand<TFloat32> decay = Optimizer.scalar(tf, spec.weightDecay());
    return tf.math.add(direction, tf.math.mul(decay, variable.value()));
  }

  /** The kernels with their momentum, those of one shape together, few enough for the cache. */
  private List<Stack> stacks(Map<Variable, Operand<TFloat32>> gradients, Variables variables) {
    List<Stack> stacks = new ArrayList<>();
    Map<List<Long>, Stack> open = new LinkedHashMap<>();
    gradients.forEach(
        (variable, gradient) -> {
          Kernel kernel = new Kernel(variable);
          List<Long> shape = List.of(kernel.shortSide(), kernel.longSide());
          Stack stack = open.get(shape);
          if (stack == null || stack.values + variable.size() > CACHED_VALUES) {
            stack = new Stack();
            stacks.add(stack);
            open.put(shape, stack);
          }
          stack.add(kernel, withMomentum(variable, gradient, variables));
        });
    return stacks;
  }

  /** Updates the momentum; the gradient as Nesterov's momentum has it. */
  private Operand<TFloat32> withMomentum(
      Variable variable, Operand<TFloat32> gradient, Variables variables) {
    double u = spec.momentum();
    Variable momentum =
        variables.zeros(Optimizer.SCOPE + variable.name() + "/momentum", variable.shape());
    Operand<TFloat32> distance = tf.math.sub(momentum.value(), gradient);
    updates.add(
        tf.train.resourceApplyGradientDescent(
            momentum.handle(), Optimizer.scalar(tf, 1 - u), distance));
    // (1 - u) g + u m of the new m = g + u (m - g) of the old one.
    return tf.math.add(gradient, tf.math.mul(Optimizer.scalar(tf, u * u), distance));
  }

  /** A variable as one or more matrices [inputs, outputs]. */
  private record Kernel(Variable variable) {
    long inputs() {
      return variable.shape().get(-2);
    }

    long outputs() {
      return variable.shape().get(-1);
    }

    long shortSide() {
      return Math.min(inputs(), outputs());
    }

    long longSide() {
      return Math.max(inputs(), outputs());
    }

    boolean isTall() {
      return inputs() > outputs();
    }

    long count() {
      return variable.size() / (inputs() * outputs());
    }
  }

  /** Kernels whose matrices have one shape, or that shape turned on its side. */
  private final class Stack {
    /** [matrices, short side, long side] each. */
    private final Map<Kernel, Operand<TFloat32>> parts = new LinkedHashMap<>();

    private long values;

    void add(Kernel kernel, Operand<TFloat32> gradient) {
      Shape stacked = Shape.of(kernel.count(), kernel.inputs(), kernel.outputs());
      Operand<TFloat32> matrices = tf.reshape(gradient, tf.constant(stacked.asArray()));
      parts.put(kernel, kernel.isTall() ? turned(matrices) : matrices);
      values += kernel.variable.size();
    }

    /** The kernels' orthogonal directions, as large as the steps of AdamW. */
    Map<Variable, Operand<TFloat32>> orthogonal() {
      double longSide = parts.keySet().iterator().next().longSide();
      Operand<TFloat32> stack =
          newtonSchulz.apply(tf, joined(), SIZE_OF_ADAMW * Math.sqrt(longSide));
      List<? extends Operand<TFloat32>> split = split(stack);
      Map<Variable, Operand<TFloat32>> directions = new LinkedHashMap<>();
      for (Kernel kernel : parts.keySet()) {
        Operand<TFloat32> matrices = split.get(directions.size());
        directions.put(
            kernel.variable,
            tf.reshape(
                kernel.isTall() ? turned(matrices) : matrices,
                tf.constant(kernel.variable.shape().asArray())));
      }
      return directions;
    }

    private Operand<TFloat32> joined() {
      return parts.size() == 1
          ? parts.values().iterator().next()
          : tf.concat(new ArrayList<>(parts.values()), tf.constant(0));
    }

    private List<? extends Operand<TFloat32>> split(Operand<TFloat32> stack) {
      if (parts.size() == 1) {
        return List.of(stack);
      }
      long[] counts = parts.keySet().stream().mapToLong(Kernel::count).toArray();
      return tf.splitV(stack, tf.constant(counts), tf.constant(0), (long) counts.length).output();
    }

    private Operand<TFloat32> turned(Operand<TFloat32> matrices) {
      return tf.linalg.transpose(matrices, tf.constant(new int[] {0, 2, 1}));
    }
  }
}
