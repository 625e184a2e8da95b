package dev.mlit.serve;

import dev.mlit.spec.text.NumberRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** What a server counts, in the text format of Prometheus. */
final class Metrics {
  static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final double[] SECONDS = {
    .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10
  };
  private static final double[] IMAGES = {1, 2, 4, 8, 16, 32, 64};
  private static final Path STATUS = Path.of("/proc/self/status");

  private final Map<String, LongAdder> requests = new ConcurrentSkipListMap<>();
  private final Map<String, Histogram> seconds = new ConcurrentSkipListMap<>();
  private final Histogram batches = new Histogram(IMAGES);
  private final List<Gauge> gauges = new ArrayList<>();

  private record Gauge(String name, String help, LongSupplier value) {}

  /** Adds a number that is asked for when it is shown; before the server starts. */
  void gauge(String name, String help, LongSupplier value) {
    gauges.add(new Gauge(name, help, value));
  }

  /** A batch went through the model. */
  void batch(int images) {
    batches.add(images);
  }

  /**
   * A request was answered.
   *
   * @param endpoint one of a few names, never a client's text
   */
  void request(String endpoint, int status, double duration) {
    requests
        .computeIfAbsent(
            "endpoint=\"" + endpoint + "\",status=\"" + status + "\"", key -> new LongAdder())
        .increment();
    seconds
        .computeIfAbsent("endpoint=\"" + endpoint + "\"", key -> new Histogram(SECONDS))
        .add(duration);
  }

  String text() {
    StringBuilder text = new StringBuilder();
    head(text, "mlit_requests_total", "counter", "Requests answered, by endpoint and status.");
    requests.forEach(
        (labels, count) ->
            text.append("mlit_requests_total{")
                .append(labels)
                .append("} ")
                .append(count)
                .append('\n'));
    head(text, "mlit_request_seconds", "histogram", "From a request's head to its answer.");
    seconds.forEach((labels, values) -> values.append(text, "mlit_request_seconds", labels));
    head(text, "mlit_batch_images", "histogram", "Images that went through the model together.");
    batches.append(text, "mlit_batch_images", "");
    for (Gauge gauge : gauges) {
      gauge(text, gauge.name(), gauge.help(), gauge.value().getAsLong());
    }
    residentBytes()
        .ifPresent(
            bytes -> gauge(text, "process_resident_memory_bytes", "Resident memory.", bytes));
    return text.toString();
  }

  private static void gauge(StringBuilder text, String name, String help, long value) {
    head(text, name, "gauge", help);
    text.append(name).append(' ').append(value).append('\n');
  }

  private static void head(StringBuilder text, String name, String type, String help) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  static String number(double value) {
    return NumberRule.text(value);
  }

  /** Where the system says it: on Linux. */
  private static Optional<Long> residentBytes() {
    if (!Files.isReadable(STATUS)) {
      return Optional.empty();
    }
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
