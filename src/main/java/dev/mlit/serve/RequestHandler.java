package dev.mlit.serve;

import dev.mlit.spec.InvalidInputException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.URIUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a request: finds its endpoint, lets it in, reads its body, and computes the answer on a
 * thread of {@link Admission}. Nothing here waits.
 */
final class RequestHandler extends Handler.Abstract.NonBlocking {
  private static final Logger LOG = LoggerFactory.getLogger(ModelServer.class);
  private static final String UNKNOWN = "unknown";

  private final Routes routes;
  private final Metrics metrics;
  private final Admission admission;
  private final int maxBody;
  private final Duration timeout;
  private final Set<EndPoint> busy = ConcurrentHashMap.newKeySet();

  RequestHandler(Routes routes, Metrics metrics, Admission admission, ServerOptions options) {
    this.routes = routes;
    this.metrics = metrics;
    this.admission = admission;
    this.maxBody = options.maxBody();
    this.timeout = options.timeout();
  }

  /** A request on its way to an answer. */
  private final class Exchange {
    private final Request request;
    private final Response response;
    private final Callback callback;
    private final Runnable computed;
    private final long began = System.nanoTime();
    private String endpoint = UNKNOWN;

    /**
     * An exchange.
     *
     * @param computed is run when the answer is there, before the client can have it
     */
    Exchange(Request request, Response response, Callback callback, Runnable computed) {
      this.computed = computed;
      this.request = request;
      this.response = response;
      this.callback = callback;
    }

    void begin() {
      String path = "";
      try {
        path = URIUtil.decodePath(Request.getPathInContext(request));
        Routes.Route route = routes.find(request.getMethod(), path);
        endpoint = route.name();
        if (!route.computes()) {
          send(route.endpoint().answer(call(new byte[0])));
          return;
        }
        requireNoEncoding();
        readAndCompute(route);
      } catch (RequestException e) {
        String target = path;
        send(
            e.status() == RequestException.METHOD_NOT_ALLOWED
                ? routes
                    .allowed(target)
                    .map(methods -> e.answer().withHeader("Allow", methods))
                    .orElseGet(e::answer)
                : e.answer());
      } catch (IllegalArgumentException e) {
        send(RequestException.bad("the path cannot be read").answer());
      }
    }

    private void requireNoEncoding() {
      String encoding = request.getHeaders().get(HttpHeader.CONTENT_ENCODING);
      if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
        throw new RequestException(
            RequestException.UNSUPPORTED_MEDIA_TYPE,
            "Content-Encoding " + encoding + " is not supported; send the body as it is");
      }
    }

    private void readAndCompute(Routes.Route route) {
      Admission.Place place = admission.enter();
      EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
      busy.add(endPoint);
      Runnable leave =
          () -> {
            busy.remove(endPoint);
            place.giveBack();
          };
      // Whatever ends the exchange, a client that went away among it.
      Exchange inside = new Exchange(request, response, Callback.from(leave, callback), leave);
      inside.endpoint = endpoint;
      BodyReader.read(
          request,
          maxBody,
          timeout,
          body ->
              admission.compute(
                  () -> inside.send(inside.answer(route, body)),
                  () ->
                      inside.send(
                          new RequestException(
                                  RequestException.UNAVAILABLE,
                                  "the request has waited for too long; try again later")
                              .answer())),
          inside::unread);
    }

    /** The body could not be read. */
    private void unread(Throwable problem) {
      if (problem instanceof RequestException e) {
        // What else the client sends belongs to this body.
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        send(e.answer());
      } else {
        Response.writeError(request, response, callback, problem);
      }
    }

    private Answer answer(Routes.Route route, byte[] body) {
      try {
        return route.endpoint().answer(call(body));
      } catch (RequestException e) {
        return e.answer();
      } catch (InvalidInputException e) {
        return RequestException.bad(String.valueOf(e.getMessage())).answer();
      } catch (RuntimeException | Error e) {
        LOG.error("a request to {} failed", endpoint, e);
        return Answer.error(RequestException.INTERNAL_ERROR, "internal error; the log says more");
      }
    }

    private Call call(byte[] body) {
      return new Call(
          query(request), name -> Optional.ofNullable(request.getHeaders().get(name)), body);
    }

    private void send(Answer answer) {
      metrics.request(endpoint, answer.status(), (System.nanoTime() - began) / 1e9);
      response.setStatus(answer.status());
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.type());
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.body().length);
      if (answer.status() == RequestException.TOO_MANY_REQUESTS
          || answer.status() == RequestException.UNAVAILABLE) {
        response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
      }
      answer
          .headers()
          .forEach((name, value) -> response.getHeaders().put(new HttpField(name, value)));
      computed.run();
      response.write(true, ByteBuffer.wrap(answer.body()), callback);
    }
  }

  private static Map<String, String> query(Request request) {
    Map<String, String> query = new HashMap<>();
    try {
      for (Fields.Field field : Request.extractQueryParameters(request)) {
        query.putIfAbsent(field.getName(), field.getValue());
      }
    } catch (RuntimeException e) {
      // Of several kinds, for what is no percent encoding or no UTF-8.
      throw RequestException.bad("the query cannot be read");
    }
    return query;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    new Exchange(request, response, callback, () -> {}).begin();
    return true;
  }

  /** Whether a request of a connection is let in, and not answered yet. */
  boolean isBusy(EndPoint connection) {
    return busy.contains(connection);
  }

  /** Answers for the server itself, where no endpoint was found: a malformed request. */
  boolean refuse(
      Request request, Response response, Callback callback, int status, String message) {
    metrics.request(UNKNOWN, status, 0);
    Answer answer = Answer.error(status, message);
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.type());
    response.write(true, ByteBuffer.wrap(answer.body()), callback);
    return true;
  }
}
