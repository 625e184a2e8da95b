package dev.mlit.graph;

import java.util.concurrent.atomic.AtomicBoolean;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.proto.ConfigProto;

/** Opens sessions: a quiet native log, and a number of threads. */
public final class Sessions {
  static {
    NativeLog.quiet();
  }

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

  private static ConfigProto build(int threads) {
    int computing = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    ConfigProto.Builder config =
        ConfigProto.newBuilder()
            .setIntraOpParallelismThreads(computing)
            .setInterOpParallelismThreads(computing);
    // On a GPU take memory as it is needed, and leave the rest to others.
    config.getGpuOptionsBuilder().setAllowGrowth(true);
    return config.build();
  }

  /** A session on a graph; see {@link #config}. */
  public static Session open(Graph graph, int threads) {
    return new Session(graph, config(threads));
  }
}
