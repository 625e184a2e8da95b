package dev.mlit.cluster;

import dev.mlit.spec.ClusterSpec;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.tensorflow.CompileOptions;
import dev.mlit.tensorflow.DistributedSession;
import dev.mlit.tensorflow.NativeLog;
import dev.mlit.tensorflow.Sessions;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Server;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.proto.ClusterDef;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.JobDef;
import org.tensorflow.proto.ServerDef;

/**
 * This process as a worker of a cluster: a server of TensorFlow's distributed runtime, which
 * listens for the other workers, and sessions whose graphs may hold collective operations.
 *
 * <p>TensorFlow cannot stop a server. There is one in a process at most, for as long as it lives.
 *
 * @since 0.1.0
 */
public final class Cluster {
  private static final String JOB = "worker";
  private static final String TASK = "/job:" + JOB + "/replica:0/task:";

  private static @Nullable Cluster joined;

  private final ClusterSpec spec;
  private final int threads;
  private final float timeout;
  private final AtomicInteger keys = new AtomicInteger();

  // Kept so that it is never garbage-collected: that would stop the server, which crashes.
  @SuppressWarnings({"unused", "PMD.UnusedPrivateField"})
  private final Server server;

  private Cluster(ClusterSpec spec, int threads, float timeout) {
    this.spec = spec;
    this.threads = threads;
    this.timeout = timeout;
    this.server = new Server(definition(spec, ofWorker(Sessions.config(threads), spec)));
    // The port is open from here on, but nobody is answered before the start.
    ListenFilter.restrict(spec.address(spec.index()));
    NativeLog.quietly(server::start);
    ListenFilter.endOthers(spec.address(spec.index()));
  }

  /**
   * Starts this process's server, or gives the one that runs.
   *
   * @param threads that compute; 0 for one per core
   * @param timeout seconds that a collective operation waits for the other workers
   * @throws InvalidInputException if the port cannot be had, or the process is a worker of another
   *     cluster
   */
  public static synchronized Cluster join(ClusterSpec spec, int threads, float timeout) {
    Sessions.load(threads);
    if (joined != null) {
      if (!joined.spec.equals(spec)) {
        throw new InvalidInputException(
            ClusterSpec.VARIABLE
                + ": this process is a worker of another cluster already, "
                + joined.spec.json());
      }
      return joined;
    }
    try {
      joined = new Cluster(spec, threads, timeout);
      return joined;
    } catch (TensorFlowException e) {
      throw new InvalidInputException(
          ClusterSpec.VARIABLE
              + ": "
              + spec.name(spec.index())
              + " is this process, but the port cannot be had; is it in use? "
              + InvalidInputException.firstLine(e),
          e);
    }
  }

  /** The workers, and which one this is. */
  public ClusterSpec spec() {
    return spec;
  }

  /** Opens a session on a graph that may hold sums of {@link #allReduce}. */
  public Session open(Graph graph) {
    return open(graph, Sessions.config(threads));
  }

  /** As above, on a graph that trains; see {@link Sessions#openToTrain}. */
  public Session openToTrain(Graph graph, CompileOptions options) {
    return open(graph, Sessions.configToTrain(threads, options));
  }

  private Session open(Graph graph, ConfigProto alone) {
    return DistributedSession.open(
        graph, "grpc://" + spec.workers().get(spec.index()), ofWorker(alone, spec));
  }

  /** A sum over all workers, for graphs of {@link #open}; to be put into one graph, once. */
  public AllReduce allReduce() {
    return collective();
  }

  /** Opens an exchange of numbers with the other workers, outside of a step. */
  public Exchange exchange() {
    return new Exchange(this, collective());
  }

  /** All workers make theirs in the same order, so that the keys agree. */
  private Collective collective() {
    return new Collective(spec.size(), keys.incrementAndGet(), timeout);
  }

  private static ConfigProto ofWorker(ConfigProto alone, ClusterSpec spec) {
    ConfigProto.Builder config = alone.toBuilder();
    config.getExperimentalBuilder().setCollectiveGroupLeader(TASK + 0);
    // A session runs on this worker only; collective operations send to the others.
    config.addDeviceFilters(TASK + spec.index());
    return config.build();
  }

  private static ServerDef definition(ClusterSpec spec, ConfigProto config) {
    JobDef.Builder job = JobDef.newBuilder().setName(JOB);
    for (int i = 0; i < spec.size(); i++) {
      job.putTasks(i, spec.workers().get(i));
    }
    return ServerDef.newBuilder()
        .setCluster(ClusterDef.newBuilder().addJob(job))
        .setJobName(JOB)
        .setTaskIndex(spec.index())
        .setDefaultSessionConfig(config)
        .setProtocol("grpc")
        .build();
  }
}
