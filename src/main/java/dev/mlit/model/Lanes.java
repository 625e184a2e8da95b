package dev.mlit.model;

import dev.mlit.tensorflow.FloatOps;
import dev.mlit.tensorflow.Sessions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Parts of a batch that are computed side by side, one per thread.
 *
 * <p>The operations of a very small model are too short to be worth sharing among threads. Every
 * operation runs on one thread (see {@link Sessions}), and the threads work at different images:
 * they meet at the balance losses and at the sum of the gradients, nowhere else. {@link Attention}
 * takes what a lane has in parts of the same kind.
 */
final class Lanes {
  private final FloatOps calc;
  private final int count;
  private final Supplier<Operand<TInt32>> images;
  private @Nullable Operand<TInt32> sizes;

  /**
   * Parts of a batch, as equal in size as can be; some are empty if there are fewer images.
   *
   * @param images of the batch, a scalar
   * @param count of the parts, at least 1
   */
  Lanes(FloatOps calc, Operand<TInt32> images, int count) {
    this(calc, count, () -> images);
  }

  private Lanes(FloatOps calc, int count, Supplier<Operand<TInt32>> images) {
    this.calc = calc;
    this.count = count;
    this.images = images;
  }

  /**
   * As above, for the images that rows are of; to split and join one part costs no operation.
   *
   * @param rows [images * perImage, ...], image after image
   */
  static Lanes ofRows(FloatOps calc, Operand<TFloat32> rows, int perImage, int count) {
    return new Lanes(
        calc, count, () -> calc.tf().math.floorDiv(calc.rows(rows), calc.whole(perImage)));
  }

  /** The number of images of every lane, computed once, when it is first needed. */
  private Operand<TInt32> sizes() {
    if (sizes == null) {
      Ops tf = calc.tf();
      int[] rounding = new int[count];
      for (int lane = 0; lane < count; lane++) {
        rounding[lane] = count - 1 - lane;
      }
      // The rounded-up shares of what is left: (n + count - 1 - lane) / count.
      sizes = tf.math.floorDiv(tf.math.add(images.get(), calc.whole(rounding)), calc.whole(count));
    }
    return sizes;
  }

  int count() {
    return count;
  }

  /** The images of the whole batch, a scalar. */
  Operand<TInt32> images() {
    return images.get();
  }

  /** The rows of the whole batch, a scalar. */
  Operand<TInt32> rows(int perImage) {
    Ops tf = calc.tf();
    return tf.math.mul(tf.sum(sizes(), calc.whole(0)), calc.whole(perImage));
  }

  /**
   * The rows of every lane.
   *
   * @param rows [images * perImage, ...], image after image
   */
  List<Operand<TFloat32>> split(Operand<TFloat32> rows, int perImage) {
    if (count == 1) {
      return List.of(rows);
    }
    Ops tf = calc.tf();
    Operand<TInt32> counts = perImage == 1 ? sizes() : tf.math.mul(sizes(), calc.whole(perImage));
    List<Output<TFloat32>> parts = tf.splitV(rows, counts, calc.whole(0), (long) count).output();
    return List.copyOf(parts);
  }

  /** Noise for every lane, which is what one lane of all images would get. */
  List<GateNoise> split(GateNoise noise, int tokens) {
    if (count == 1) {
      return List.of(noise);
    }
    Operand<TInt32> rows = rows(tokens);
    Map<Integer, List<Operand<TFloat32>>> drawn = new HashMap<>();
    List<GateNoise> noises = new ArrayList<>();
    for (int lane = 0; lane < count; lane++) {
      int index = lane;
      noises.add(
          (ops, block, shape) -> {
            // The first lane that meets a block draws for the others too.
            List<Operand<TFloat32>> parts =
                drawn.computeIfAbsent(
                    block,
                    absent -> {
                      Operand<TInt32> experts = ops.gather(shape, ops.constant(1), ops.constant(0));
                      Operand<TInt32> allRows = ops.stack(List.of(rows, experts));
                      return split(noise.draw(ops, block, allRows), tokens);
                    });
            return parts.get(index);
          });
    }
    return noises;
  }

  /** Puts the rows of the lanes together again. */
  Operand<TFloat32> join(List<Operand<TFloat32>> parts) {
    return calc.concat(0, parts);
  }
}
