package dev.mlit.cli;

import dev.mlit.spec.ClusterSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The workers of a run as processes of this machine, each the same command with another {@code
 * TF_CONFIG}. The first one speaks to the user as if it were alone; lines of the others begin with
 * who says them.
 */
final class LocalWorkers {
  /** More would not be told apart by one network interface's share of the work. */
  static final int MOST = 64;

  private static final String OPTION = "--workers";

  /** A property of a worker: the process that has started it. */
  private static final String PARENT = "mlit.parent";

  private static final String GPUS = "CUDA_VISIBLE_DEVICES";

  private LocalWorkers() {}

  /**
   * Starts the workers and waits until all are done.
   *
   * @param arguments of the command line
   * @param err where the other workers' lines go
   * @return the exit status: of the first worker unless another one failed before it
   */
  static int run(List<String> arguments, int workers, PrintWriter err) {
    List<Process> processes = new ArrayList<>();
    Thread onSignal = new Thread(() -> processes.forEach(Process::destroy), "workers-on-signal");
    Runtime.getRuntime().addShutdownHook(onSignal);
    List<Thread> readers = new ArrayList<>();
    for (ClusterSpec worker : ClusterSpec.local(freePorts(workers))) {
      Process process = start(arguments, worker);
      processes.add(process);
      if (!worker.isFirst()) {
        readers.add(reader(process, worker.index(), err));
      }
    }
    return status(processes, readers);
  }

  /**
   * Has a worker end, and save what it can, when the process that has started it is gone: one that
   * is killed cannot end its workers.
   */
  static void endWithParent() {
    Long parent = Long.getLong(PARENT);
    if (parent == null) {
      return;
    }
    Thread watch =
        new Thread(
            () -> {
              ProcessHandle.current()
                  .parent()
                  .filter(handle -> handle.pid() == parent)
                  .ifPresent(handle -> handle.onExit().join());
              System.err.println("the process that started this worker is gone");
              System.exit(SaveOnSignal.EXIT);
            },
            "worker-watches-parent");
    watch.setDaemon(true);
    watch.start();
  }

  private static int status(List<Process> processes, List<Thread> readers) {
    try {
      int status = 0;
      for (Process process : processes) {
        int exit = process.waitFor();
        status = status == 0 ? exit : status;
      }
      for (Thread reader : readers) {
        reader.join();
      }
      return status;
    } catch (InterruptedException e) {
      processes.forEach(Process::destroy);
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private static Process start(List<String> arguments, ClusterSpec worker) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-D" + PARENT + "=" + ProcessHandle.current().pid());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(withoutWorkers(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put(ClusterSpec.VARIABLE, worker.json());
    if ("1".equals(System.getenv("MLIT_GPU"))) {
      builder.environment().put(GPUS, gpu(worker.index()));
    }
    if (worker.isFirst()) {
      builder.inheritIO();
    } else {
      builder.redirectErrorStream(true).redirectInput(Redirect.from(Path.of("/dev/null").toFile()));
    }
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The worker's GPU: one each, of those that the user lets be seen. */
  private static String gpu(int worker) {
    String visible = System.getenv(GPUS);
    String[] all = visible == null || visible.isBlank() ? new String[0] : visible.split(",");
    return worker < all.length ? all[worker].trim() : String.valueOf(worker);
  }

  static List<String> withoutWorkers(List<String> arguments) {
    List<String> rest = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).equals(OPTION)) {
        i++;
      } else if (!arguments.get(i).startsWith(OPTION + "=")) {
        rest.add(arguments.get(i));
      }
    }
    return rest;
  }

  private static Thread reader(Process process, int worker, PrintWriter err) {
    Thread thread =
        new Thread(
            () -> {
              try (BufferedReader lines =
                  new BufferedReader(
                      new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                lines.lines().forEach(line -> err.println("worker " + worker + ": " + line));
                err.flush();
              } catch (IOException | UncheckedIOException e) {
                err.println("worker " + worker + ": its output ended: " + e.getMessage());
              }
            },
            "worker-" + worker);
    thread.start();
    return thread;
  }

  private static int[] freePorts(int count) {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      int[] ports = new int[count];
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        ports[i] = sockets.get(i).getLocalPort();
      }
      return ports;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      sockets.forEach(LocalWorkers::close);
    }
  }

  private static void close(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
