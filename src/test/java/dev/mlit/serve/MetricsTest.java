package dev.mlit.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** If this fails, nobody sees how the service does, or Prometheus refuses to read it. */
class MetricsTest {
  @TempDir private Path directory;

  @Test
  void requestsTimesBatchesAndTheQueueAreCounted() throws Exception {
    try (Served served = Served.start(directory, options -> options.batch(4).queue(9))) {
      String outputs = ",\"outputs\":[{\"name\":\"logits\"}]";
      for (int i = 0; i < 3; i++) {
        served.post("/v2/models/tiny/infer", Served.infer(Served.images(2), outputs));
      }
      served.post("/v2/models/tiny/infer", Served.infer(Served.images(6), outputs));
      served.post("/v2/models/tiny/infer", "{}");
      served.get("/nothing/\"\n".replace("\"\n", "here"));

      HttpResponse<byte[]> metrics = served.get("/metrics");

      assertThat(metrics.headers().firstValue("Content-Type")).hasValue(Metrics.TYPE);
      String text = new String(metrics.body(), StandardCharsets.UTF_8);
      assertThat(text.lines())
          .contains(
              "# TYPE mlit_requests_total counter",
              "mlit_requests_total{endpoint=\"infer\",status=\"200\"} 4",
              "mlit_requests_total{endpoint=\"infer\",status=\"400\"} 1",
              "mlit_requests_total{endpoint=\"unknown\",status=\"404\"} 1",
              "# TYPE mlit_request_seconds histogram",
              "mlit_request_seconds_bucket{endpoint=\"infer\",le=\"+Inf\"} 5",
              "mlit_request_seconds_count{endpoint=\"infer\"} 5",
              "mlit_batch_images_bucket{le=\"1\"} 0",
              "mlit_batch_images_bucket{le=\"2\"} 4",
              "mlit_batch_images_bucket{le=\"4\"} 5",
              "mlit_batch_images_sum 12.0",
              "mlit_queue_requests 0",
              "mlit_queue_limit 9");
      assertThat(text.lines())
          .allMatch(
              line ->
                  line.matches("# (HELP|TYPE) [a-z_]+ .+")
                      || line.matches("[a-z_]+(\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*})? \\S+"));
      assertThat(text).endsWith("\n");
    }
  }
}
