package dev.mlit.graph;

import dev.mlit.spec.ClusterSpec;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.Precision;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Server;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.internal.c_api.TF_Graph;
import org.tensorflow.internal.c_api.TF_Session;
import org.tensorflow.internal.c_api.TF_SessionOptions;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.proto.ClusterDef;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.JobDef;
import org.tensorflow.proto.ServerDef;

/**
 * This process as a worker of a cluster: a server of TensorFlow's distributed runtime, which
 * listens for the other workers, and sessions whose graphs may hold collective operations.
 *
 * <p>TensorFlow cannot stop a server. There is one in a process at most, for as long as it lives.
 */
public final class Cluster {
  private static final String JOB = "worker";
  private static final String TASK = "/job:" + JOB + "/replica:0/task:";

  private static @Nullable Cluster joined;

  private final ClusterSpec spec;
  private final int threads;
  private final float timeout;
  private final AtomicInteger keys = new AtomicInteger();

  // Never used again, and never to be collected: that would stop the server, which crashes.
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
  public Session openToTrain(Graph graph, Precision precision) {
    return open(graph, Sessions.configToTrain(threads, precision));
  }

  private Session open(Graph graph, ConfigProto alone) {
    return DistributedSession.open(
        graph, "grpc://" + spec.workers().get(spec.index()), ofWorker(alone, spec));
  }

  /** A sum over all workers, for graphs of {@link #open}; to be put into one graph, once. */
  public AllReduce allReduce() {
    return collective();
  }

  /** Opens a way to tell the other workers something outside of a step. */
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
    // A session is for this worker alone; what it sends to others, collective operations do.
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

  /** TensorFlow Java makes sessions of its own process alone; the C API makes others too. */
  private static final class DistributedSession {
    private DistributedSession() {}

    @SuppressWarnings("try") // The scope is used by being open: it frees the native objects.
    static Session open(Graph graph, String target, ConfigProto config) {
      try (PointerScope scope = new PointerScope();
          AutoCloseable reference = reference(graph)) {
        TF_Status status = TF_Status.newStatus();
        TF_SessionOptions options = TF_SessionOptions.newSessionOptions();
        BytePointer proto = new BytePointer(config.toByteArray());
        tensorflow.TF_SetTarget(options, target);
        tensorflow.TF_SetConfig(options, proto, proto.capacity(), status);
        status.throwExceptionIfNotOK();
        TF_Session session = tensorflow.TF_NewSession(handle(reference), options, status);
        status.throwExceptionIfNotOK();
        Constructor<Session> wrapper =
            Session.class.getDeclaredConstructor(Graph.class, TF_Session.class);
        wrapper.setAccessible(true);
        return wrapper.newInstance(graph, session);
      } catch (ReflectiveOperationException e) {
        throw new LinkageError("this version of TensorFlow Java has no such session", e);
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new AssertionError("a graph's reference is closed without one", e);
      }
    }

    private static AutoCloseable reference(Graph graph) throws ReflectiveOperationException {
      Method ref = Graph.class.getDeclaredMethod("ref");
      ref.setAccessible(true);
      return (AutoCloseable) ref.invoke(graph);
    }

    private static TF_Graph handle(AutoCloseable reference) throws ReflectiveOperationException {
      Method handle = reference.getClass().getDeclaredMethod("nativeHandle");
      handle.setAccessible(true);
      return (TF_Graph) handle.invoke(reference);
    }
  }
}
