package dev.mlit.cli;

import dev.mlit.bench.ServingBenchmark;
import dev.mlit.files.WholeFile;
import dev.mlit.spec.InvalidInputException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code ./mlit bench --mode serve}: its options, and what it prints. */
final class ServeMode {
  private static final int CLIENTS = 8;
  private static final int SECONDS = 5;

  @Option(
      names = "--clients",
      paramLabel = "N",
      description = "Threads that call the model in --mode serve; " + CLIENTS + " if left out.")
  private @Nullable Integer clients;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long they do in --mode serve; " + SECONDS + " if left out.")
  private @Nullable Integer seconds;

  @Option(
      names = "--max-batch",
      paramLabel = "N",
      description =
          "The most images of several clients that go through the model together in --mode serve;"
              + " each call by itself if left out.")
  private @Nullable Integer maxBatch;

  @Option(
      names = "--logits",
      paramLabel = "FILE",
      description =
          "Gets the logits of the clients' images in --mode serve, 32-bit floats with the lowest"
              + " byte first.")
  private @Nullable Path logits;

  /** What {@code --json} prints. */
  record Result(ServingBenchmark.Result result) {}

  /**
   * Checks that nothing is said of this mode where another one runs.
   *
   * @throws InvalidInputException if one of its options is given
   */
  void requireUnused() {
    requireNull("--clients", clients);
    requireNull("--seconds", seconds);
    requireNull("--max-batch", maxBatch);
    requireNull("--logits", logits);
  }

  private static void requireNull(String option, @Nullable Object value) {
    if (value != null) {
      throw new InvalidInputException(option + ": is for --mode serve");
    }
  }

  /**
   * Times a SavedModel.
   *
   * @param batch images in a call
   * @param warmup calls of every client that are not counted
   */
  void run(Console console, String model, int batch, int warmup, boolean json) {
    Path directory = Path.of(model);
    if (!Files.isDirectory(directory)) {
      throw new InvalidInputException(
          "--model: " + model + " must be the directory of a SavedModel in --mode serve");
    }
    ServingBenchmark.Served served =
        ServingBenchmark.run(
            new ServingBenchmark.Settings(
                directory,
                inRange("--clients", clients, CLIENTS, 1024),
                batch,
                inRange("--max-batch", maxBatch, 1, 65_536),
                warmup,
                Duration.ofSeconds(inRange("--seconds", seconds, SECONDS, 3600))));
    if (logits != null) {
      write(logits, served.logits());
    }
    if (json) {
      console.json(new Result(served.result()));
    } else {
      print(console, served.result());
    }
  }

  private static int inRange(String option, @Nullable Integer value, int ifLeftOut, int most) {
    int chosen = Objects.requireNonNullElse(value, ifLeftOut);
    OptionRange.require(option, chosen, 1, most);
    return chosen;
  }

  private static void write(Path file, float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    WholeFile.writeNamed(file, out -> out.write(bytes.array()));
  }

  private static void print(Console console, ServingBenchmark.Result r) {
    console.line(
        "%s, %s, %d clients, %d images in a call, at most %d at a time, TensorFlow %s",
        r.model(), r.mode(), r.clients(), r.batch(), r.maxBatch(), r.tensorflow());
    console.line("images/s       %10.1f", r.imagesPerSecond());
    console.line(
        "ms per call    %10.2f  (median of %d; 99 of 100 within %.2f, the slowest %.2f)",
        r.medianMs(), r.calls(), r.p99Ms(), r.maxMs());
    if (r.peakRssMib() != null) {
      console.line("peak memory    %10d  MiB resident", r.peakRssMib());
    }
  }
}
