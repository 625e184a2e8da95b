package dev.mlit.graph;

import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.proto.ConfigProto;

/** Opens sessions: a quiet native log, and a number of threads. */
public final class Sessions {
  static {
    NativeLog.quiet();
  }

  private Sessions() {}

  /**
   * Loads TensorFlow's native library, its log kept down to errors; {@code TF_CPP_MIN_LOG_LEVEL}
   * overrides that. Call it before any TensorFlow class that is not of this package.
   */
  public static void load() {
    // The static initializer has done it.
  }

  /**
   * The settings of a session.
   *
   * @param threads that compute; 0 for one per core
   */
  public static ConfigProto config(int threads) {
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
