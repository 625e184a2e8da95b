package dev.mlit.cluster;

import dev.mlit.files.DaemonThreads;
import dev.mlit.spec.ClusterSpec;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.advice.Message;
import dev.mlit.tensorflow.BatchParts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Finds out which workers of a cluster answer. When a worker is missing, TensorFlow reports at most
 * that something failed; asking every worker's port tells which one it is.
 *
 * @since 0.1.0
 */
public final class Attendance {
  private static final int ANSWER_MILLIS = 3000;
  private static final int BETWEEN_CALLS_MILLIS = 250;
  private static final double QUIET_SECONDS = 2;

  /**
   * How long this worker still answers after it found another one lost: the others may be
   * searching.
   */
  private static final int LINGER_MILLIS = 2 * ANSWER_MILLIS;

  private static final int SHARE_TO_LINGER = 10;
  private static final int MILLIS_PER_SECOND = 1000;

  /**
   * What a client of HTTP/2, and so of gRPC, begins with (RFC 9113, 3.4), and an empty frame of
   * settings. A process that has been stopped or hangs does not answer it, though the system still
   * makes connections in its name.
   */
  private static final byte[] GREETING =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);

  /** A thread for every worker, as each of them may take seconds to answer. */
  private static final Executor ASKING =
      work -> DaemonThreads.named("mlit-asks").newThread(work).start();

  private Attendance() {}

  /** Learns which workers are waited for. */
  @FunctionalInterface
  public interface Waiting {
    /**
     * Called with the names of the workers that are waited for, and again when they become fewer.
     */
    void waitsFor(List<String> workers);
  }

  /**
   * Waits until all workers answer.
   *
   * @param timeout seconds
   * @throws WorkerLostException if one does not come in time
   */
  public static void call(ClusterSpec spec, int timeout, Waiting waiting) {
    long began = System.nanoTime();
    List<Integer> reported = List.of();
    while (true) {
      List<Integer> missing = missing(spec);
      if (missing.isEmpty()) {
        return;
      }
      double seconds = (System.nanoTime() - began) / 1e9;
      if (seconds > timeout) {
        throw new WorkerLostException(
            String.format(
                Locale.ROOT,
                "%s did not start within %d s (training.worker-timeout); start it with the same"
                    + " TF_CONFIG, but for its own task, and see that its port can be reached",
                names(spec, missing),
                timeout));
      }
      if (seconds > QUIET_SECONDS && !missing.equals(reported)) {
        waiting.waitsFor(missing.stream().map(spec::name).toList());
        reported = missing;
      }
      sleep(BETWEEN_CALLS_MILLIS);
    }
  }

  /**
   * Finds out which worker is missing after a collective operation failed.
   *
   * @param timeout seconds that the search may take in all
   */
  static WorkerLostException missing(ClusterSpec spec, int timeout, RuntimeException failure) {
    List<Integer> missing = missing(spec);
    Message resume =
        advice ->
            "; the last checkpoint is whole: start all workers again with "
                + advice.resuming()
                + " to go on from it";
    if (missing.isEmpty()) {
      return new WorkerLostException(
          advice ->
              "another worker has failed, or is late, though the ports of all of them answer: see"
                  + " their messages"
                  + resume.text(advice)
                  + "\n("
                  + InvalidInputException.firstLine(failure)
                  + ")",
          failure);
    }
    sleep(Math.min(LINGER_MILLIS, timeout * MILLIS_PER_SECOND / SHARE_TO_LINGER));
    return new WorkerLostException(
        advice ->
            names(spec, missing)
                + (missing.size() == 1 ? " is gone" : " are gone")
                + resume.text(advice),
        failure);
  }

  private static String names(ClusterSpec spec, List<Integer> workers) {
    return String.join(", ", workers.stream().map(spec::name).toList());
  }

  private static List<Integer> missing(ClusterSpec spec) {
    List<Integer> others =
        IntStream.range(0, spec.size()).filter(i -> i != spec.index()).boxed().toList();
    List<Boolean> answers =
        BatchParts.of(others.size(), ASKING).map(others, i -> answers(spec.address(i)));
    return IntStream.range(0, others.size())
        .filter(i -> !answers.get(i))
        .mapToObj(others::get)
        .toList();
  }

  private static boolean answers(InetSocketAddress address) {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(ANSWER_MILLIS);
      socket.connect(
          new InetSocketAddress(address.getHostString(), address.getPort()), ANSWER_MILLIS);
      socket.getOutputStream().write(GREETING);
      return socket.getInputStream().read() >= 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static void sleep(int millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedWaitException();
    }
  }
}
