package dev.mlit.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.spec.ClusterSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The workers of a cluster, each a process of its own with its TF_CONFIG; closing kills them. */
public final class WorkerProcesses implements AutoCloseable {
  private final Path directory;
  private final List<ClusterSpec> specs;
  private final List<Process> processes = new ArrayList<>();

  private WorkerProcesses(Path directory, List<ClusterSpec> specs) {
    this.directory = directory;
    this.specs = new ArrayList<>(specs);
  }

  /** Workers that have not been started, at free ports. */
  public static WorkerProcesses of(Path directory, int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    int[] ports = new int[count];
    for (int i = 0; i < count; i++) {
      sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      ports[i] = sockets.get(i).getLocalPort();
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    return new WorkerProcesses(directory, ClusterSpec.local(ports));
  }

  /** Has the other workers reach one at another port, which leads to its own. */
  public WorkerProcesses through(int worker, int port) {
    for (int i = 0; i < specs.size(); i++) {
      if (i != worker) {
        List<String> addresses = new ArrayList<>(specs.get(i).workers());
        addresses.set(worker, "127.0.0.1:" + port);
        specs.set(i, new ClusterSpec(addresses, i));
      }
    }
    return this;
  }

  /** Starts the next worker. */
  public WorkerProcesses start(Class<?> main, String... arguments) throws IOException {
    int index = processes.size();
    ProcessBuilder builder =
        new ProcessBuilder(Mlit.command(main.getName(), arguments))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output(index).toFile());
    builder.environment().put(ClusterSpec.VARIABLE, specs.get(index).json());
    processes.add(builder.start());
    return this;
  }

  /** Starts all of them. */
  public WorkerProcesses startAll(Class<?> main, String... arguments) throws IOException {
    while (processes.size() < specs.size()) {
      start(main, arguments);
    }
    return this;
  }

  private Path output(int worker) {
    return directory.resolve("worker-" + worker + ".out");
  }

  /** What a worker has said so far. */
  public String said(int worker) throws IOException {
    return Files.readString(output(worker));
  }

  public boolean isAlive(int worker) {
    return processes.get(worker).isAlive();
  }

  /** Kills a worker with SIGKILL. */
  public void kill(int worker) throws InterruptedException {
    processes.get(worker).destroyForcibly().waitFor();
  }

  /** Stops a worker where it is with SIGSTOP: it is there and does nothing, as if cut off. */
  public void freeze(int worker) throws IOException, InterruptedException {
    String pid = String.valueOf(processes.get(worker).pid());
    assertThat(new ProcessBuilder("kill", "-STOP", pid).start().waitFor()).isZero();
  }

  /** Sends a worker SIGTERM. */
  public void terminate(int worker) {
    processes.get(worker).destroy();
  }

  /** Where a worker listens. */
  public int port(int worker) {
    return specs.get(worker).address(worker).getPort();
  }

  /** As messages name a worker; those of the first one, unless that is it. */
  public String name(int worker) {
    return specs.get(0).name(worker);
  }

  /** Waits for the end of a worker and returns its exit status. */
  public int exit(int worker) throws InterruptedException {
    assertThat(processes.get(worker).waitFor(3, TimeUnit.MINUTES)).as("ends in time").isTrue();
    return processes.get(worker).exitValue();
  }

  /** Waits for the end of all, and checks that all went well. */
  public void assertAllDone() throws IOException, InterruptedException {
    for (int i = 0; i < processes.size(); i++) {
      assertThat(exit(i)).as("worker %d: %s", i, said(i)).isZero();
    }
  }

  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
  }
}
