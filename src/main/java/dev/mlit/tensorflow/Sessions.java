package dev.mlit.tensorflow;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.Precision;
import dev.mlit.spec.advice.Message;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.OptimizerOptions.Level;
import org.tensorflow.proto.RewriterConfig.NumIterationsType;
import org.tensorflow.proto.RunOptions;

/**
 * Opens sessions with a number of threads.
 *
 * <p>Every operation runs on one thread, and as many operations at once as there are threads. For
 * models of this size that beats sharing an operation among threads, by as much as what the threads
 * have to do is independent: see {@code Lanes}.
 *
 * @since 0.1.0
 */
public final class Sessions {
  private static final Optional<Message> PROBLEM =
      NativeCache.problem().or(() -> NativeLibrary.mixed().map(Message::of));

  static {
    // The settings of the process must be applied before TensorFlow is loaded, which any class of
    // it does.
    if (PROBLEM.isEmpty()) {
      CudaLibraries.load();
      NativeRuntime.prepare();
    }
  }

  /**
   * With fewer images in a part of a batch, the fixed cost of every operation outweighs what a
   * thread adds; with many more, what an operation computes has left the core's cache when the next
   * one reads it.
   */
  private static final int IMAGES_OF_A_PART = 4;

  /** As above, for parts that each add operations to the graph. */
  private static final int TOKENS_OF_A_LANE = 2000;

  private static final int LANES_OF_A_THREAD = 2;

  private static final RunOptions CALLING_THREAD =
      RunOptions.newBuilder().setInterOpThreadPool(-1).build();

  private static final AtomicBoolean SETTLED = new AtomicBoolean();

  private Sessions() {}

  /**
   * Loads TensorFlow's native library, from a place that is safe. Call it before any TensorFlow
   * class that is not of this package.
   *
   * @throws InvalidInputException if another user may have put a library where it would be loaded
   *     from, or there is none for this platform on the class path
   */
  public static void load() {
    PROBLEM.ifPresent(
        problem -> {
          throw new InvalidInputException(problem);
        });
    NativeLibrary.load();
  }

  /** A new graph, TensorFlow's library being loaded as {@link #load()} wants it. */
  public static Graph newGraph() {
    load();
    return new Graph();
  }

  /**
   * Settles the number of threads of this process, if nothing has: TensorFlow has one pool for all
   * sessions and sizes it at the first use, which building a graph is already. Call it before that;
   * a later call changes nothing.
   *
   * @param threads that compute; 0 for one per core
   */
  public static void load(int threads) {
    load();
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
   * The settings of a session that trains a model.
   *
   * <p>TensorFlow's optimizer of graphs, Grappler, takes half of the time to the first step, as
   * lanes make the graph large, and makes a training step in float32 no faster: the layers'
   * operations are chosen by hand. In bfloat16 it saves casts, and on a GPU it fuses operations.
   * The passes that a session makes over a graph by itself, which fold constants and find equal
   * operations, take another twelfth of that time, and do as little for a training step; a call
   * with one image they make faster.
   *
   * @param threads that compute; 0 for one per core; see {@link #load(int)}
   * @param options that the graph's operations are chosen by
   */
  public static ConfigProto configToTrain(int threads, CompileOptions options) {
    return trainsAsBuilt(options)
        ? withoutPasses(withoutOptimizer(config(threads))).build()
        : config(threads);
  }

  private static boolean trainsAsBuilt(CompileOptions options) {
    return options.precision() == Precision.FLOAT32 && !options.gpu();
  }

  private static ConfigProto.Builder withoutOptimizer(ConfigProto config) {
    ConfigProto.Builder changed = config.toBuilder();
    changed.getGraphOptionsBuilder().getRewriteOptionsBuilder().setDisableMetaOptimizer(true);
    return changed;
  }

  /**
   * The settings of a session that runs a graph once, such as to restore and read its variables:
   * optimizing the graph takes longer than it would save.
   *
   * @param threads that compute; 0 for one per core; see {@link #load(int)}
   */
  public static ConfigProto configToRunOnce(int threads) {
    return withoutPasses(withoutOptimizer(config(threads))).build();
  }

  private static ConfigProto.Builder withoutPasses(ConfigProto.Builder config) {
    config.getGraphOptionsBuilder().getOptimizerOptionsBuilder().setOptLevel(Level.L0);
    return config;
  }

  /**
   * The number of parts of a batch that are run separately, for work that is independent.
   *
   * @param threads that compute; 0 for one per core
   */
  static int parts(int threads, int images) {
    // Per image, a part of one is slower than a part of four, but faster than a second one in turn.
    int parts = Math.max(images / IMAGES_OF_A_PART, Math.min(images, computing(threads)));
    if (parts <= 1) {
      // One image should not wait for the search for a GPU.
      return 1;
    }
    load(threads);
    return Device.hasGpu() ? 1 : parts;
  }

  /** Options that run a session's operations on the calling thread, without handing them over. */
  public static RunOptions onCallingThread() {
    return CALLING_THREAD;
  }

  /**
   * The number of parts of a batch that are built into the graph: one on a GPU, which shares the
   * work of an operation among its cores itself.
   *
   * @param threads that compute; 0 for one per core
   * @param tokens of an image
   * @param options that the graph's operations are chosen by
   */
  public static int lanes(int threads, int batch, int tokens, CompileOptions options) {
    int computing = computing(threads);
    long lanes =
        Math.max(
            Math.min(computing, batch / IMAGES_OF_A_PART),
            Math.min(
                (long) computing * LANES_OF_A_THREAD, (long) batch * tokens / TOKENS_OF_A_LANE));
    return options.gpu() ? 1 : (int) Math.max(1, lanes);
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
    // A second pass over the graph takes as long as the first, and finds nothing worth it.
    config
        .getGraphOptionsBuilder()
        .getRewriteOptionsBuilder()
        .setMetaOptimizerIterations(NumIterationsType.ONE);
    // On a GPU take memory as it is needed, and leave the rest to others.
    config.getGpuOptionsBuilder().setAllowGrowth(true);
    return config.build();
  }

  /** Gives back to the system what is left free by building graphs and making them ready. */
  public static void giveMemoryBack() {
    NativeMemory.giveBack();
  }

  /** A session on a graph; see {@link #config}. */
  public static Session open(Graph graph, int threads) {
    return new Session(graph, config(threads));
  }

  /**
   * A session on a graph whose operations are chosen by hand, which it runs as it is built: what
   * optimises graphs takes longer than all else before the first run, and keeps another 50 MiB.
   *
   * @param options that the graph's operations are chosen by: on a GPU it is optimised
   */
  public static Session openAsBuilt(Graph graph, int threads, CompileOptions options) {
    return options.fuses() ? new Session(graph, asBuilt(threads).build()) : open(graph, threads);
  }

  /**
   * As {@link #openAsBuilt}, for runs with {@link #onCallingThread} alone: one operation follows
   * another in an order that is settled once, and nothing keeps book of which may be next. It has
   * no traces of its runs.
   *
   * @param options that the graph's operations are chosen by
   */
  public static Session openForCallingThread(Graph graph, int threads, CompileOptions options) {
    if (!options.fuses()) {
      return open(graph, threads);
    }
    ConfigProto.Builder config = asBuilt(threads);
    config.getExperimentalBuilder().setExecutorType("SINGLE_THREADED_EXECUTOR");
    return new Session(graph, config.build());
  }

  /** A session on a graph that trains; see {@link #configToTrain}. */
  public static Session openToTrain(Graph graph, int threads, CompileOptions options) {
    return trainsAsBuilt(options)
        ? new Session(graph, withoutPasses(asBuilt(threads)).build())
        : open(graph, threads);
  }

  private static ConfigProto.Builder asBuilt(int threads) {
    ConfigProto.Builder config = withoutOptimizer(config(threads));
    // Keeps no copy of the graph with all that a run does not need; what optimises cannot do so.
    config.getGraphOptionsBuilder().setPlacePrunedGraph(true);
    return config;
  }
}
