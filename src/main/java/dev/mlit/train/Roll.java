package dev.mlit.train;

import dev.mlit.spec.ClusterSpec;
import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Which workers of a cluster are there. TensorFlow says of a worker that is missing at most that
 * something failed; a connection to its port says which one it is.
 */
final class Roll {
  private static final int CONNECT_MILLIS = 3000;
  private static final int BETWEEN_CALLS_MILLIS = 250;
  private static final double QUIET_SECONDS = 2;

  /** Others may still be looking for the one that is gone: they must find this one there. */
  private static final int LINGER_MILLIS = 2 * CONNECT_MILLIS;

  private static final int SHARE_TO_LINGER = 10;
  private static final int MILLIS_PER_SECOND = 1000;

  private Roll() {}

  /** Is told whom a worker waits for. */
  @FunctionalInterface
  interface Waiting {
    /** Waits for these, by name; called anew when they become fewer. */
    void waitsFor(List<String> workers);
  }

  /**
   * Waits until all workers listen.
   *
   * @param timeout seconds
   * @throws WorkerLostException if one does not come in time
   */
  static void call(ClusterSpec spec, int timeout, Waiting waiting) {
    Stopwatch time = new Stopwatch(0);
    List<Integer> told = List.of();
    while (true) {
      List<Integer> missing = missing(spec);
      if (missing.isEmpty()) {
        return;
      }
      if (time.seconds() > timeout) {
        throw new WorkerLostException(
            String.format(
                Locale.ROOT,
                "%s did not start within %d s (training.worker-timeout); start it with the same"
                    + " TF_CONFIG, but for its own task, and see that its port can be reached",
                names(spec, missing),
                timeout));
      }
      if (time.seconds() > QUIET_SECONDS && !missing.equals(told)) {
        waiting.waitsFor(missing.stream().map(spec::name).toList());
        told = missing;
      }
      sleep(BETWEEN_CALLS_MILLIS);
    }
  }

  /**
   * Finds out whom a collective operation failed for.
   *
   * @param timeout seconds in which all this must have an end
   */
  static WorkerLostException missing(ClusterSpec spec, int timeout, RuntimeException failure) {
    List<Integer> missing = missing(spec);
    String advice =
        "; the last checkpoint is whole: start all workers again with --resume to go on from it";
    if (missing.isEmpty()) {
      return new WorkerLostException(
          "another worker has failed or does not answer, though all of them listen: see their"
              + " messages"
              + advice
              + "\n("
              + InvalidInputException.firstLine(failure)
              + ")",
          failure);
    }
    sleep(Math.min(LINGER_MILLIS, timeout * MILLIS_PER_SECOND / SHARE_TO_LINGER));
    return new WorkerLostException(
        names(spec, missing) + (missing.size() == 1 ? " is gone" : " are gone") + advice, failure);
  }

  private static String names(ClusterSpec spec, List<Integer> workers) {
    return String.join(", ", workers.stream().map(spec::name).toList());
  }

  private static List<Integer> missing(ClusterSpec spec) {
    return IntStream.range(0, spec.size())
        .parallel()
        .filter(worker -> worker != spec.index() && !listens(spec.address(worker)))
        .boxed()
        .toList();
  }

  private static boolean listens(InetSocketAddress address) {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(address.getHostString(), address.getPort()), CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void sleep(int millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while it waited for the other workers", e);
    }
  }
}
