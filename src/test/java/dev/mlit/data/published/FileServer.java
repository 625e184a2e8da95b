package dev.mlit.data.published;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A web server on the loopback that misbehaves as told: every request gets the next answer of a
 * list, the last one for ever.
 */
final class FileServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger next = new AtomicInteger();

  /** What the server does with a request. */
  @FunctionalInterface
  interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  FileServer(Answer... answers) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          String condition = exchange.getRequestHeaders().getFirst("If-Range");
          requests.add(
              exchange.getRequestURI().getPath()
                  + (range == null ? "" : " " + range)
                  + (condition == null ? "" : " if " + condition));
          try (exchange) {
            answers[Math.min(next.getAndIncrement(), answers.length - 1)].to(exchange);
          }
        });
    server.start();
  }

  /** Path, range and condition of every request so far. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** As a good server does: a range of the file if one is asked for and it is of this version. */
  static Answer file(byte[] content, String tag) {
    return exchange -> {
      exchange.getResponseHeaders().set("ETag", tag);
      String range = exchange.getRequestHeaders().getFirst("Range");
      String condition = exchange.getRequestHeaders().getFirst("If-Range");
      if (range == null || (condition != null && !condition.equals(tag))) {
        send(exchange, 200, content, content.length, content.length);
        return;
      }
      int start = Integer.parseInt(range.replaceAll("\\D", ""));
      if (start >= content.length) {
        exchange.sendResponseHeaders(416, -1);
        return;
      }
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range",
              "bytes " + start + "-" + (content.length - 1) + "/" + content.length);
      byte[] rest = Arrays.copyOfRange(content, start, content.length);
      send(exchange, 206, rest, rest.length, rest.length);
    };
  }

  /** Announces all, sends some, and cuts the connection. */
  static Answer cut(byte[] content, String tag, int sent) {
    return exchange -> {
      exchange.getResponseHeaders().set("ETag", tag);
      send(exchange, 200, content, content.length, sent);
    };
  }

  /** Sends everything, whatever part of it was asked for. */
  static Answer whole(byte[] content) {
    return exchange -> send(exchange, 200, content, content.length, content.length);
  }

  /** Sends everything without announcing how much that is. */
  static Answer unannounced(byte[] content) {
    return exchange -> send(exchange, 200, content, 0, content.length);
  }

  static Answer status(int status) {
    return exchange -> exchange.sendResponseHeaders(status, -1);
  }

  /** Sends some, then nothing more, and keeps the connection open. */
  Answer stall(byte[] content, int sent) {
    return exchange -> {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content, 0, sent);
      exchange.getResponseBody().flush();
      await();
    };
  }

  /** Sends the same bytes again and again, with a little time between, until the client goes. */
  Answer endless(int status, byte[] part) {
    return exchange -> {
      exchange.sendResponseHeaders(status, 0);
      while (!closed()) {
        exchange.getResponseBody().write(part);
        exchange.getResponseBody().flush();
      }
    };
  }

  private boolean closed() {
    try {
      return closing.await(20, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private void await() {
    try {
      closing.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(
      HttpExchange exchange, int status, byte[] content, long announced, int sent)
      throws IOException {
    exchange.sendResponseHeaders(status, announced);
    exchange.getResponseBody().write(content, 0, sent);
    exchange.getResponseBody().flush();
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
