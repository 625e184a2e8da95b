package dev.mlit.data.published;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One request for a file, or for the rest of it, and its answer. */
final class Transfer {
  private static final long TICK_MILLIS = 100;

  /** The lowest rate in bytes per second: a twentieth of a modem's. */
  private static final long SLOWEST_PER_SECOND = 250;

  private static final Pattern RANGE = Pattern.compile("bytes (\\d+)-\\d+/(?:\\d+|\\*)");

  private final PartFile part;
  private final long most;
  private volatile boolean announced;
  private volatile boolean tooLong;
  private volatile @Nullable IOException diskProblem;
  private volatile long lastSign = System.nanoTime();
  private boolean over;
  private volatile boolean receiving;
  private volatile long received;
  private volatile long paceSince = System.nanoTime();
  private long paceFrom;

  private Transfer(PartFile part, long most) {
    this.part = part;
    this.most = most;
  }

  /**
   * How an answer ended.
   *
   * @param status the HTTP status
   * @param whole true if the server announced a length and kept to it
   * @param tooLong true if more bytes came than the file has
   */
  record Answer(int status, boolean whole, boolean tooLong) {}

  /** The disk took no more; unlike other problems, trying again does not help. */
  static final class DiskException extends IOException {
    private static final long serialVersionUID = 1;

    DiskException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /**
   * Asks for the bytes that are missing and appends them to the part.
   *
   * @param most the size of the file; not a byte more is written
   * @param stall how long the server may be silent, before and while it answers
   * @param progress gets the size of the part, many times a second
   * @throws DiskException if the part cannot be written
   * @throws IOException if the connection fails or stalls
   */
  static Answer run(
      HttpClient client, URI url, PartFile part, long most, Duration stall, LongConsumer progress)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url).header("Accept-Encoding", "identity").GET();
    if (part.size() > 0) {
      request.header("Range", "bytes=" + part.size() + "-");
      String version = part.version();
      if (!version.isEmpty()) {
        // A server whose file has changed since answers with all of the new one.
        request.header("If-Range", version);
      }
    }
    return new Transfer(part, most).await(client, request.build(), stall, progress);
  }

  private Answer await(
      HttpClient client, HttpRequest request, Duration stall, LongConsumer progress)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<Void>> answer = client.sendAsync(request, this::accept);
    try {
      while (true) {
        try {
          int status = answer.get(TICK_MILLIS, TimeUnit.MILLISECONDS).statusCode();
          return new Answer(status, announced, tooLong);
        } catch (TimeoutException e) {
          progress.accept(part.size());
          if (System.nanoTime() - lastSign > stall.toNanos()) {
            throw new IOException("no byte came for " + stall.toMillis() / 1000.0 + " s", e);
          }
          requirePace(stall);
        }
      }
    } catch (ExecutionException e) {
      IOException disk = diskProblem;
      if (disk != null) {
        throw new DiskException(disk);
      }
      if (tooLong) {
        return new Answer(200, false, true);
      }
      Throwable cause = e.getCause();
      throw cause instanceof IOException io ? io : new IOException(String.valueOf(cause), cause);
    } finally {
      stop();
      answer.cancel(true);
      progress.accept(part.size());
    }
  }

  /** A server that sends a byte now and then would keep a program busy for years. */
  private void requirePace(Duration stall) throws IOException {
    long now = System.nanoTime();
    if (!receiving || now - paceSince <= stall.toNanos()) {
      return;
    }
    long came = received - paceFrom;
    if (came < stall.toMillis() * SLOWEST_PER_SECOND / 1000) {
      throw new IOException("only " + came + " bytes came in " + stall.toMillis() / 1000.0 + " s");
    }
    paceSince = now;
    paceFrom = received;
  }

  private HttpResponse.BodySubscriber<Void> accept(HttpResponse.ResponseInfo info) {
    lastSign = System.nanoTime();
    announced = info.headers().firstValue("Content-Length").isPresent();
    try {
      if (info.statusCode() == 200) {
        begin(info);
      } else if (info.statusCode() != 206) {
        return new Unread();
      } else if (!continues(info)) {
        throw new IOException("the server sent another range than the one asked for");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    paceSince = System.nanoTime();
    receiving = true;
    return new Receiver();
  }

  private synchronized void begin(HttpResponse.ResponseInfo info) throws IOException {
    if (over) {
      throw new IOException("the answer came too late");
    }
    try {
      part.restart(version(info));
    } catch (IOException e) {
      diskProblem = e;
      throw e;
    }
  }

  private synchronized boolean continues(HttpResponse.ResponseInfo info) {
    Matcher range = RANGE.matcher(info.headers().firstValue("Content-Range").orElse(""));
    return range.matches() && range.group(1).equals(String.valueOf(part.size()));
  }

  /** What If-Range can name: a strong ETag, or else the date of the last change. */
  private static String version(HttpResponse.ResponseInfo info) {
    return info.headers()
        .firstValue("ETag")
        .filter(tag -> tag.startsWith("\""))
        .or(() -> info.headers().firstValue("Last-Modified"))
        .orElse("");
  }

  private synchronized void stop() {
    over = true;
  }

  /**
   * Returns false if nothing more is wanted. Nothing is written once this transfer was given up.
   */
  private synchronized boolean take(List<ByteBuffer> buffers) {
    lastSign = System.nanoTime();
    if (over) {
      return false;
    }
    try {
      for (ByteBuffer buffer : buffers) {
        if (part.size() + buffer.remaining() > most) {
          tooLong = true;
          return false;
        }
        received += buffer.remaining();
        part.append(buffer);
      }
      return true;
    } catch (IOException e) {
      diskProblem = e;
      return false;
    }
  }

  /** Ignores the body of a refusal, which may have no end. */
  private static final class Unread implements HttpResponse.BodySubscriber<Void> {
    @Override
    public CompletionStage<Void> getBody() {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      given.cancel();
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      // None was asked for.
    }

    @Override
    public void onError(Throwable problem) {
      // Of no interest.
    }

    @Override
    public void onComplete() {
      // Of no interest.
    }
  }

  private final class Receiver implements HttpResponse.BodySubscriber<Void> {
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    @Override
    public CompletionStage<Void> getBody() {
      return done;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      boolean more = take(buffers);
      Flow.Subscription from = subscription;
      if (from == null) {
        return;
      }
      if (more) {
        from.request(1);
      } else {
        from.cancel();
        done.completeExceptionally(new IOException("given up"));
      }
    }

    @Override
    public void onError(Throwable problem) {
      done.completeExceptionally(problem);
    }

    @Override
    public void onComplete() {
      done.complete(null);
    }
  }
}
