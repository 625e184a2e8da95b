package dev.mlit.serve;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.OptionalLibrary;
import dev.mlit.tensorflow.Versions;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a SavedModel over HTTP: the Open Inference Protocol v2, the REST interface of TensorFlow
 * Serving, pictures as they are, metrics, and a page to try it with. It needs Jetty beside mlit;
 * see the package.
 *
 * <pre>{@code
 * try (ModelServer server =
 *     ModelServer.start(Path.of("savedmodels/quickstart"), options -> options.port(8080).batch(16))) {
 *   System.out.println(server.uri());
 *   ...
 * }
 * }</pre>
 *
 * @since 0.1.0
 */
public final class ModelServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ModelServer.class);

  private final ServedModel model;
  private final Admission admission;
  private final HttpServer http;
  private final String host;
  private final AtomicBoolean closed = new AtomicBoolean();

  private ModelServer(ServedModel model, Admission admission, HttpServer http, String host) {
    this.model = model;
    this.admission = admission;
    this.http = http;
    this.host = host;
  }

  /**
   * Serves a SavedModel at port 8080 of this machine, for its own programs only.
   *
   * @throws InvalidInputException if the directory is no SavedModel of mlit with classes, or the
   *     port is taken
   * @throws IllegalStateException if Jetty is not on the class path
   */
  public static ModelServer start(Path model) {
    return start(model, options -> {});
  }

  /**
   * Serves a SavedModel.
   *
   * @param settings say how, such as {@code options -> options.port(0).queue(64)}
   * @throws InvalidInputException if the directory is no SavedModel of mlit with classes, or the
   *     address cannot be listened at
   * @throws IllegalStateException if Jetty is not on the class path
   */
  public static ModelServer start(Path model, Consumer<ServerOptions> settings) {
    return start(settings, (options, metrics) -> ServedModel.load(model, options, metrics::batch));
  }

  /** Makes the model when it is known how it is served. */
  @FunctionalInterface
  interface Loader {
    ServedModel load(ServerOptions options, Metrics metrics);
  }

  /** As {@link #start(Path, Consumer)}, for a model from anywhere. */
  static ModelServer start(Consumer<ServerOptions> settings, Loader loader) {
    OptionalLibrary.HTTP.require("to serve a model");
    ServerOptions options = new ServerOptions();
    settings.accept(options);
    Metrics metrics = new Metrics();
    ServedModel served = loader.load(options, metrics);
    // While one batch is computed, the next one forms.
    Admission admission = new Admission(options.queue(), 2 * options.batch(), options.timeout());
    try {
      metrics.gauge(
          "mlit_queue_requests",
          "Requests that are read, waiting or computed.",
          admission::requests);
      metrics.gauge("mlit_queue_waiting", "Requests that wait for their turn.", admission::waiting);
      metrics.gauge("mlit_queue_limit", "The most requests at a time.", options::queue);
      AtomicReference<@Nullable HttpServer> started = new AtomicReference<>();
      metrics.gauge(
          "mlit_connections",
          "Connections that are open.",
          () -> {
            HttpServer http = started.get();
            return http == null ? 0 : http.connections();
          });
      HttpServer http =
          HttpServer.start(
              new RequestHandler(
                  new Routes(served, metrics, Versions.ofMlit()), metrics, admission, options),
              options);
      started.set(http);
      warnOfStrangers(options.host());
      return new ModelServer(served, admission, http, options.host());
    } catch (RuntimeException e) {
      admission.close();
      served.close();
      throw e;
    }
  }

  private static void warnOfStrangers(String host) {
    try {
      if (InetAddress.getByName(host).isLoopbackAddress()) {
        return;
      }
    } catch (UnknownHostException e) {
      // It could be listened at; so it is somewhere.
    }
    LOG.warn(
        "listening at {}: there is no authentication, whoever reaches this address may use the"
            + " model",
        host);
  }

  /** The port that it listens at. */
  public int port() {
    return http.port();
  }

  /** Where it is, such as {@code http://127.0.0.1:8080}. */
  public URI uri() {
    return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port());
  }

  /** The model's name in paths. */
  public String name() {
    return model.name();
  }

  /**
   * Stops: new requests are refused, those that are there are answered, at most for as long as
   * {@link ServerOptions#timeout} says.
   */
  @Override
  public void close() {
    if (!closed.getAndSet(true)) {
      http.close();
      admission.close();
      model.close();
    }
  }
}
