package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlit.savedmodel.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code ./mlit bench --mode serve}. If it fails, a comparison of services stops, or times another
 * thing than was asked for.
 */
class ServeModeTest {
  @TempDir private Path temporary;

  private Outcome serve(String... options) {
    Path model = temporary.resolve("model");
    RandomModel.write(model);
    List<String> arguments =
        new ArrayList<>(List.of("bench", "--mode", "serve", "--model", model.toString()));
    arguments.addAll(List.of(options));
    return Outcome.of(arguments.toArray(new String[0]));
  }

  @Test
  void printsWhatWasTimedAndWritesTheLogits() throws IOException {
    Path logits = temporary.resolve("logits");

    Outcome outcome =
        serve(
            ("--clients 2 --batch 3 --max-batch 4 --seconds 1 --warmup 1 --json --logits " + logits)
                .split(" "));

    assertThat(outcome.exit()).as(outcome.err()).isZero();
    JsonNode result = outcome.lastLine().path("result");
    assertThat(result.fieldNames())
        .toIterable()
        .containsExactly(
            "model",
            "mode",
            "clients",
            "batch",
            "max_batch",
            "calls",
            "seconds",
            "images_per_second",
            "median_ms",
            "p99_ms",
            "max_ms",
            "peak_rss_mib",
            "tensorflow");
    assertThat(result.path("clients").asInt()).isEqualTo(2);
    assertThat(result.path("batch").asInt()).isEqualTo(3);
    assertThat(result.path("max_batch").asInt()).isEqualTo(4);
    assertThat(Files.size(logits)).isEqualTo(2L * 3 * RandomModel.SPEC.classes() * Float.BYTES);
  }

  @Test
  void eightClientsEachWithOneImageUnlessToldOtherwise() {
    Outcome outcome = serve("--seconds", "1");

    assertThat(outcome.exit()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains(", serve, 8 clients, 1 images in a call, at most 1 at a");
    assertThat(outcome.out()).contains("99 of 100 within");
  }

  @ParameterizedTest
  @CsvSource({
    "--clients 0, --clients: 0 must be at least 1 and at most 1024",
    "--seconds 0, --seconds: 0 must be at least 1 and at most 3600",
    "--max-batch 0, --max-batch: 0 must be at least 1 and at most 65536",
    "--threads 1, --threads: is for --mode train and infer; a classifier computes on all cores",
    "--set patch=2, --set: is for --mode train and infer; a SavedModel is what it is",
    "--profile, '--mode: serve must go without --data, --all-reduce and --profile'",
    "--precision bfloat16, --precision: bfloat16 is for --mode train; a trained model computes in float32"
  })
  void refusesWhatIsNotOfServing(String options, String message) {
    Outcome outcome = serve(options.split(" "));

    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(outcome.err().strip()).isEqualTo(message);
  }

  @Test
  void refusesAPreset() {
    Outcome outcome = Outcome.of("bench", "--mode", "serve");

    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(outcome.err().strip())
        .isEqualTo("--model: mlit-xxs must be the directory of a SavedModel in --mode serve");
  }

  @ParameterizedTest
  @CsvSource({"--clients, 2", "--seconds, 2", "--max-batch, 2", "--logits, file"})
  void refusesItsOptionsInOtherModes(String option, String value) {
    Outcome outcome = Outcome.of("bench", "--mode", "infer", option, value);

    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(outcome.err().strip()).isEqualTo(option + ": is for --mode serve");
  }
}
