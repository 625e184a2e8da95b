package dev.mlit.serve;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Which path is answered by what. */
final class Routes {
  private final Map<String, Map<String, Route>> paths = new HashMap<>();
  private final String model;

  /** Answers a request. */
  @FunctionalInterface
  interface Endpoint {
    /**
     * Answers a request.
     *
     * @throws RequestException if it cannot
     */
    Answer answer(Call call);
  }

  /**
   * A method of a path.
   *
   * @param name in metrics
   * @param computes whether it reads a body and asks the model
   */
  record Route(String name, boolean computes, Endpoint endpoint) {}

  Routes(ServedModel model, Metrics metrics, String version) {
    this.model = model.name();
    OpenInference v2 = new OpenInference(model, version);
    TensorFlowServing v1 = new TensorFlowServing(model);
    Pictures pictures = new Pictures(model);
    get("/v2", "metadata", v2::server);
    get("/v2/health/live", "health", call -> OpenInference.state("live"));
    get("/v2/health/ready", "health", call -> OpenInference.state("ready"));
    for (String path : versions("/v2/models/" + this.model)) {
      get(path, "metadata", v2::metadata);
      get(path + "/ready", "health", v2::ready);
      post(path + "/infer", "infer", v2::infer);
    }
    for (String path : versions("/v1/models/" + this.model)) {
      get(path, "metadata", v1::status);
      post(path + ":predict", "predict", v1::predict);
    }
    post("/classify", "classify", pictures::classify);
    get("/metrics", "metrics", call -> Answer.text(Metrics.TYPE, metrics.text()));
    if (model.showsExperts()) {
      post("/inspect", "inspect", pictures::inspect);
      Page page = Page.of(model);
      get("/", "page", call -> page.answer());
    }
  }

  /** The path of the model, and that of its only version. */
  private static Iterable<String> versions(String path) {
    return Stream.of(path, path + "/versions/" + OpenInference.VERSION).toList();
  }

  private void get(String path, String name, Endpoint endpoint) {
    Map<String, Route> methods = paths.computeIfAbsent(path, p -> new TreeMap<>());
    methods.put("GET", new Route(name, false, endpoint));
    methods.put("HEAD", new Route(name, false, endpoint));
  }

  private void post(String path, String name, Endpoint endpoint) {
    paths.computeIfAbsent(path, p -> new TreeMap<>()).put("POST", new Route(name, true, endpoint));
  }

  /**
   * Finds what answers a request.
   *
   * @throws RequestException if nothing does
   */
  Route find(String method, String path) {
    Map<String, Route> methods = paths.get(path);
    if (methods == null) {
      boolean ofModel = path.startsWith("/v1/models/") || path.startsWith("/v2/models/");
      throw new RequestException(
          RequestException.NOT_FOUND,
          "nothing is at this path" + (ofModel ? "; the model's name is " + model : ""));
    }
    Route route = methods.get(method);
    if (route == null) {
      throw new RequestException(
          RequestException.METHOD_NOT_ALLOWED, "this path takes " + allowed(path).orElse(""));
    }
    return route;
  }

  /** The methods of a path, for the header {@code Allow}. */
  Optional<String> allowed(String path) {
    return Optional.ofNullable(paths.get(path)).map(methods -> String.join(", ", methods.keySet()));
  }
}
