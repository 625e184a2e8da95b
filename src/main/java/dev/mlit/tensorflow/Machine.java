package dev.mlit.tensorflow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.types.TFloat32;

/**
 * The speed and the instructions of the machine, to compare a model's speed with.
 *
 * @since 0.1.0
 */
public final class Machine {
  private static final int SIZE = 2048;
  private static final int REPEATS = 7;
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
  private static final Pattern BFLOAT16 = Pattern.compile("\\b(avx512_bf16|amx_bf16)\\b");

  private Machine() {}

  /**
   * The rate of float32 matrix products of 2048x2048 by 2048x2048, one on every thread at the same
   * time, in 10^9 operations a second, two a multiply-accumulate: the median of seven.
   *
   * @param threads of TensorFlow; 0 for one per core
   */
  public static double gflopPerSecond(int threads) {
    Sessions.load(threads);
    double[] seconds = new double[REPEATS];
    try (Graph graph = new Graph()) {
      Ops tf = Operations.of(graph);
      Operand<TFloat32> side =
          tf.random.statelessRandomNormal(
              tf.constant(new int[] {SIZE, SIZE}), tf.constant(new long[] {1, 2}));
      VarHandleOp handle =
          tf.varHandleOp(TFloat32.class, Shape.of(SIZE, SIZE), VarHandleOp.sharedName("a"));
      Operand<TFloat32> a = tf.readVariableOp(handle, TFloat32.class);
      int products = Sessions.computing(threads);
      List<Operand<TFloat32>> corners = new ArrayList<>();
      for (int i = 0; i < products; i++) {
        // Each by another factor, or TensorFlow would see that they are the same.
        Operand<TFloat32> factor = tf.math.mul(a, tf.constant(i + 1f));
        Operand<TFloat32> product = tf.linalg.matMul(factor, a);
        corners.add(
            tf.slice(product, tf.constant(new int[] {0, 0}), tf.constant(new int[] {1, 1})));
      }
      // One number is fetched, so that the copy of a result is not timed.
      Operand<TFloat32> one = tf.math.addN(corners);
      try (Session session = Sessions.open(graph, threads)) {
        session.runner().addTarget(tf.assignVariableOp(handle, side)).run().close();
        for (int i = -1; i < REPEATS; i++) {
          long began = System.nanoTime();
          session.runner().fetch(one).run().close();
          seconds[Math.max(i, 0)] = (System.nanoTime() - began) / 1e9;
        }
      }
    }
    Arrays.sort(seconds);
    return 2.0 * SIZE * SIZE * SIZE * Sessions.computing(threads) / seconds[REPEATS / 2] / 1e9;
  }

  /**
   * Whether products of bfloat16 matrices are computed by instructions for them, with sums in
   * float32: on a GPU, and on processors with AVX-512 BF16 or AMX. False where that is not known.
   */
  public static boolean multipliesBfloat16() {
    return Bfloat16.IN_HARDWARE;
  }

  /** Looked up once: a processor does not change while a process runs. */
  private static final class Bfloat16 {
    static final boolean IN_HARDWARE = Device.hasGpu() || processorHas(BFLOAT16);
  }

  private static boolean processorHas(Pattern feature) {
    try {
      return feature.matcher(Files.readString(PROCESSORS)).find();
    } catch (IOException e) {
      return false; // Not Linux.
    }
  }

  /** The most resident memory that this process has had, in MiB; null where there is no /proc. */
  public static @Nullable Long peakRssMib() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
        }
      }
    } catch (IOException e) {
      // Not Linux.
    }
    return null;
  }
}
