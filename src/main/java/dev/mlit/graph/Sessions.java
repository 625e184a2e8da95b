package dev.mlit.graph;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.OptimizerOptions.Level;
import org.tensorflow.proto.RunOptions;

/**
 * Opens sessions: a quiet native log, and a number of threads.
 *
 * <p>Every operation runs on one thread, and as many operations at once as there are threads. For
 * models of this size that beats sharing an operation among threads, by as much as what the threads
 * have to do is independent: see {@link Lanes}.
 */
public final class Sessions {
  static {
    NativeMemory.share();
    NativeLog.quiet();
  }

  /** With fewer, the fixed cost of every operation outweighs what a thread adds. */
  private static final int IMAGES_OF_A_LANE = 4;

  private static final RunOptions CALLING_THREAD =
      RunOptions.newBuilder().setInterOpThreadPool(-1).build();

  private static final AtomicBoolean SETTLED = new AtomicBoolean();

  private Sessions() {}

  /**
   * Loads TensorFlow's native library, its log kept down to errors; {@code TF_CPP_MIN_LOG_LEVEL}
   * overrides that. Call it before any TensorFlow class that is not of this package.
   */
  public static void load() {
    // The static initializer has done it.
  }

  /**
   * Settles the number of threads of this process, if nothing has: TensorFlow has one pool for all
   * sessions and sizes it at the first use, which building a graph is already. Call it before that;
   * a later call changes nothing.
   *
   * @param threads that compute; 0 for one per core
   */
  public static void load(int threads) {
    if (!SETTLED.getAndSet(true)) {
      NativeLog.runFirstGraph(build(threads));
    }
  }

  /**
   * The settings of a session.
   *
   * @param threads that compute; 0 for one per core; see {@link #load(int)}
   */
  public static ConfigProto config(int threads) {
    load(threads);
    return build(threads);
  }

  /**
   * The settings of a session that runs a graph once, such as to restore and read its variables:
   * what optimises graphs takes longer than it would save.
   *
   * @param threads that compute; 0 for one per core; see {@link #load(int)}
   */
  public static ConfigProto configToRunOnce(int threads) {
    ConfigProto.Builder config = config(threads).toBuilder();
    config.getGraphOptionsBuilder().getRewriteOptionsBuilder().setDisableMetaOptimizer(true);
    config.getGraphOptionsBuilder().getOptimizerOptionsBuilder().setOptLevel(Level.L0);
    return config.build();
  }

  /** Work on some of the images of a batch. */
  @FunctionalInterface
  public interface Part<T> {
    /** Works on {@code count} images, from {@code first} on. */
    T run(int first, int count);
  }

  /**
   * Works on parts of a batch side by side: {@link Lanes} for work that need not meet.
   *
   * @param threads that work; 0 for one per core
   * @param images of the batch
   * @return what the parts gave, in the order of the images
   */
  public static <T> List<T> inParts(int threads, int images, Part<T> work) {
    int parts = lanes(threads, images);
    return IntStream.range(0, parts)
        .parallel()
        .mapToObj(
            part -> {
              int first = (int) ((long) images * part / parts);
              return work.run(first, (int) ((long) images * (part + 1) / parts) - first);
            })
        .toList();
  }

  /**
   * Runs the operations of a session's run on the thread that calls it: no time lost in between.
   */
  public static RunOptions onCallingThread() {
    return CALLING_THREAD;
  }

  /**
   * How many parts of a batch are worth computing side by side: one on a GPU, which has its own way
   * to share work.
   *
   * @param threads that compute; 0 for one per core
   */
  public static int lanes(int threads, int batch) {
    int lanes = Math.max(1, Math.min(computing(threads), batch / IMAGES_OF_A_LANE));
    if (lanes == 1) {
      // One image should not wait for the search for a GPU.
      return 1;
    }
    load(threads);
    return Device.hasGpu() ? 1 : lanes;
  }

  /** The number of threads: the given one, or the number of cores if that is 0. */
  public static int computing(int threads) {
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }

  private static ConfigProto build(int threads) {
    ConfigProto.Builder config =
        ConfigProto.newBuilder()
            .setIntraOpParallelismThreads(1)
            .setInterOpParallelismThreads(computing(threads));
    // On a GPU take memory as it is needed, and leave the rest to others.
    config.getGpuOptionsBuilder().setAllowGrowth(true);
    return config.build();
  }

  /** Gives back to the system the memory that building and optimising graphs has left free. */
  public static void giveMemoryBack() {
    NativeMemory.giveBack();
  }

  /** A session on a graph; see {@link #config}. */
  public static Session open(Graph graph, int threads) {
    return new Session(graph, config(threads));
  }
}
