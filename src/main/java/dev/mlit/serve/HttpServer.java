package dev.mlit.serve;

import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Jetty with the limits of a server that strangers may talk to. */
final class HttpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ModelServer.class);
  private static final int MOST_HEADER_BYTES = 16 << 10;
  private static final int MOST_CONNECTIONS = 1024;
  private static final int THREADS = 16;

  /** Where all connections are taken, and at the end, those without a request make room. */
  private static final Duration IDLE_AT_THE_LIMIT = Duration.ofSeconds(1);

  private final Server server;
  private final ServerConnector connector;
  private final StalledConnections stalled;

  private HttpServer(Server server, ServerConnector connector, StalledConnections stalled) {
    this.server = server;
    this.connector = connector;
    this.stalled = stalled;
  }

  /**
   * Listens.
   *
   * @throws InvalidInputException if the address is taken, or none of this machine
   */
  static HttpServer start(RequestHandler handler, ServerOptions options) {
    QueuedThreadPool threads = new QueuedThreadPool(THREADS);
    threads.setName("mlit-http");
    threads.setDaemon(true);
    long idleAtTheLimit =
        Math.min(IDLE_AT_THE_LIMIT.toMillis(), Math.max(1, options.timeout().toMillis() / 2));
    Server server = new Server(threads);
    ServerConnector connector =
        new ServerConnector(server, 1, 1, new HttpConnectionFactory(configuration()));
    connector.setHost(options.host());
    connector.setPort(options.port());
    connector.setIdleTimeout(options.timeout().toMillis());
    connector.setShutdownIdleTimeout(idleAtTheLimit);
    server.addConnector(connector);
    NetworkConnectionLimit connections = new NetworkConnectionLimit(MOST_CONNECTIONS, connector);
    connections.setEndPointIdleTimeout(idleAtTheLimit);
    server.addBean(connections);
    server.setHandler(new Stopping(handler));
    server.setErrorHandler(
        (request, response, callback) -> error(handler, request, response, callback));
    server.setStopTimeout(options.timeout().toMillis());
    try {
      server.start();
    } catch (IOException e) {
      stop(server);
      throw new InvalidInputException(
          options.host() + ":" + options.port() + ": cannot listen there: " + reason(e), e);
    } catch (Exception e) {
      stop(server);
      throw new IllegalStateException("the HTTP server does not start", e);
    }
    return new HttpServer(
        server, connector, new StalledConnections(connector, handler::isBusy, options.timeout()));
  }

  private static HttpConfiguration configuration() {
    HttpConfiguration http = new HttpConfiguration();
    http.setRequestHeaderSize(MOST_HEADER_BYTES);
    http.setSendServerVersion(false);
    http.setHttpCompliance(HttpCompliance.RFC9110);
    return http;
  }

  private static String reason(IOException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return String.valueOf(cause.getMessage());
  }

  /** Refuses new requests while the last ones are answered. */
  private static final class Stopping extends GracefulHandler {
    private final RequestHandler handler;

    Stopping(RequestHandler handler) {
      super(handler);
      this.handler = handler;
    }

    @Override
    protected void handleShutdownRejection(Request request, Response response, Callback callback) {
      handler.refuse(
          request, response, callback, RequestException.UNAVAILABLE, "the server is stopping");
    }
  }

  private static boolean error(
      RequestHandler handler, Request request, Response response, Callback callback) {
    int status =
        request.getAttribute(ErrorHandler.ERROR_STATUS) instanceof Integer code
            ? code
            : response.getStatus();
    Object message = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
    return handler.refuse(
        request,
        response,
        callback,
        status,
        message == null ? "error " + status : message.toString());
  }

  int port() {
    return connector.getLocalPort();
  }

  int connections() {
    return connector.getConnectedEndPoints().size();
  }

  /** Refuses new requests, waits for the answers of those that are there, and ends. */
  @Override
  public void close() {
    stop(server);
    stalled.close();
  }

  private static void stop(Server server) {
    try {
      server.stop();
    } catch (TimeoutException e) {
      LOG.warn("some requests were not answered before the server had to stop");
    } catch (Exception e) {
      throw new IllegalStateException("the HTTP server does not stop", e);
    }
  }
}
