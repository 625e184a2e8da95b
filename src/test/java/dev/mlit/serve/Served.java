package dev.mlit.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlit.savedmodel.Classifier;
import dev.mlit.savedmodel.RandomModel;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The tiny model behind a server, and beside it, to compare. */
final class Served implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();
  static final int VALUES = RandomModel.SPEC.image().values();
  static final int CLASSES = RandomModel.SPEC.classes();

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final ModelServer server;
  private final Classifier classifier;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Served(ModelServer server, Classifier classifier) {
    this.server = server;
    this.classifier = classifier;
  }

  static Served start(Path directory, Consumer<ServerOptions> settings) {
    Path model = directory.resolve("model");
    RandomModel.write(model);
    return new Served(
        ModelServer.start(model, options -> settings.accept(options.port(0))),
        Classifier.load(model));
  }

  ModelServer server() {
    return server;
  }

  Classifier classifier() {
    return classifier;
  }

  /** Values of images in [0, 1]. */
  static float[] images(int count) {
    Random random = new Random(count);
    float[] values = new float[count * VALUES];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }

  /** Images as nested arrays of JSON, [height, width, channels] each. */
  static String nested(float[] images) {
    int height = RandomModel.SPEC.image().height();
    int width = RandomModel.SPEC.image().width();
    return IntStream.range(0, images.length / VALUES)
        .mapToObj(
            image ->
                IntStream.range(0, height)
                    .mapToObj(
                        row ->
                            IntStream.range(0, width)
                                .mapToObj(x -> "[" + images[image * VALUES + row * width + x] + "]")
                                .collect(Collectors.joining(",", "[", "]")))
                    .collect(Collectors.joining(",", "[", "]")))
        .collect(Collectors.joining(",", "[", "]"));
  }

  static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).floatValue();
    }
    return values;
  }

  /** A request for inference in JSON. */
  static String infer(float[] images, String more) {
    return String.format(
        java.util.Locale.ROOT,
        "{\"inputs\":[{\"name\":\"images\",\"datatype\":\"FP32\",\"shape\":[%d,8,8,1],\"data\":%s}]%s}",
        images.length / VALUES,
        Arrays.toString(images),
        more);
  }

  HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
    return send(request(path).GET().build());
  }

  HttpResponse<byte[]> post(String path, String body) throws IOException, InterruptedException {
    return post(path, body.getBytes(StandardCharsets.UTF_8));
  }

  HttpResponse<byte[]> post(String path, byte[] body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = request(path).POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(server.uri() + path)).timeout(LIMIT);
  }

  HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
    return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
  }

  static JsonNode json(HttpResponse<byte[]> response) throws IOException {
    return JSON.readTree(response.body());
  }

  static String error(HttpResponse<byte[]> response) throws IOException {
    return json(response).get("error").asText();
  }

  @Override
  public void close() {
    server.close();
    classifier.close();
  }
}
