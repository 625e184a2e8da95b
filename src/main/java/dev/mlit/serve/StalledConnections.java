package dev.mlit.serve;

import dev.mlit.files.DaemonThreads;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ServerConnector;

/**
 * Closes connections whose clients send the head of a request, or take an answer, byte by byte.
 *
 * <p>A connection on which nothing moves is Jetty's to close, and a body has {@link BodyReader}'s
 * limit. Here it counts whether messages are completed: one that has waited for the next for as
 * long as the limit is closed, and one that has been busy with a message for a few times as long.
 */
final class StalledConnections implements AutoCloseable {
  private static final int CHECKS = 4;

  private final ServerConnector connector;
  private final Predicate<EndPoint> busy;
  private final long nanos;
  private final Map<EndPoint, Progress> seen = new ConcurrentHashMap<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(DaemonThreads.named("mlit-serve-clock"));

  /** Messages of a connection, and since when there have been so many. */
  private record Progress(long messages, long since) {}

  /**
   * Watches connections.
   *
   * @param busy whether a request of a connection is being answered, which may take its time
   */
  StalledConnections(ServerConnector connector, Predicate<EndPoint> busy, Duration longest) {
    this.connector = connector;
    this.busy = busy;
    this.nanos = longest.toNanos();
    long period = Math.max(1, longest.toMillis() / CHECKS);
    var unused = clock.scheduleWithFixedDelay(this::check, period, period, TimeUnit.MILLISECONDS);
  }

  private void check() {
    long now = System.nanoTime();
    seen.keySet().retainAll(connector.getConnectedEndPoints());
    for (EndPoint endPoint : connector.getConnectedEndPoints()) {
      long in = endPoint.getConnection() == null ? 0 : endPoint.getConnection().getMessagesIn();
      long out = endPoint.getConnection() == null ? 0 : endPoint.getConnection().getMessagesOut();
      Progress progress =
          seen.compute(
              endPoint,
              (e, last) ->
                  last != null && last.messages() == in + out && !busy.test(e)
                      ? last
                      : new Progress(in + out, now));
      if (now - progress.since() > nanos) {
        endPoint.close();
      }
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
