package dev.mlit.serve;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Reads the body of a request as it comes, without a thread that waits for it, up to a size and
 * within a time.
 */
final class BodyReader implements Runnable {
  private final Request request;
  private final int most;
  private final Consumer<byte[]> whole;
  private final Consumer<Throwable> failed;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Scheduler.Task limit;

  private BodyReader(
      Request request,
      int most,
      Duration longest,
      Consumer<byte[]> whole,
      Consumer<Throwable> failed) {
    this.request = request;
    this.most = most;
    this.whole = whole;
    this.failed = failed;
    this.limit =
        request
            .getComponents()
            .getScheduler()
            .schedule(this::tooSlow, longest.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Reads a body.
   *
   * @param most bytes that it may have
   * @param longest time that it may take
   * @param whole gets the body; either this or {@code failed} is called, once
   * @param failed gets a {@link RequestException}, or what the server says of the connection
   */
  static void read(
      Request request,
      int most,
      Duration longest,
      Consumer<byte[]> whole,
      Consumer<Throwable> failed) {
    if (request.getLength() > most) {
      failed.accept(tooLarge(most));
      return;
    }
    new BodyReader(request, most, longest, whole, failed).run();
  }

  /** Takes what is there, and asks to be run again when there is more. */
  @Override
  public void run() {
    while (!ended.get()) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        request.demand(this);
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        fail(chunk.getFailure());
        return;
      }
      boolean last = chunk.isLast();
      boolean fits = take(chunk.getByteBuffer());
      chunk.release();
      if (!fits) {
        fail(tooLarge(most));
      } else if (last && end()) {
        whole.accept(bytes.toByteArray());
      }
    }
  }

  private boolean take(ByteBuffer part) {
    if (part.remaining() > most - bytes.size()) {
      return false;
    }
    byte[] copy = new byte[part.remaining()];
    part.get(copy);
    bytes.write(copy, 0, copy.length);
    return true;
  }

  private void tooSlow() {
    fail(
        new RequestException(
            RequestException.REQUEST_TIMEOUT, "the request's body did not come in time"));
  }

  private void fail(Throwable problem) {
    if (end()) {
      failed.accept(problem);
    }
  }

  private boolean end() {
    limit.cancel();
    return !ended.getAndSet(true);
  }

  private static RequestException tooLarge(int most) {
    return new RequestException(
        RequestException.CONTENT_TOO_LARGE, "the body must have at most " + most + " bytes");
  }
}
