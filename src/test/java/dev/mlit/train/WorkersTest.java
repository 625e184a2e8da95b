package dev.mlit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mlit.spec.OptimizerSpec;
import dev.mlit.testing.WorkerProcesses;
import dev.mlit.weights.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Several workers train what one trains. If this fails, a study that outgrows a machine does not
 * become faster, it becomes another study.
 */
@Tag("slow")
class WorkersTest {
  private static final Pattern LOSS = Pattern.compile("\"(?:test_|train_)?loss\":([-0-9.eE]+)");

  @TempDir private Path temporary;

  /**
   * 202 steps. A batch of 16 and a last one of 1, of which most workers have nothing; a batch in
   * parts, which the workers share each; Muon, which every worker computes for itself.
   */
  @ParameterizedTest
  @CsvSource({"4, 16, 0, 1601, ADAMW", "3, 16, 5, 1601, ADAMW", "2, 16, 5, 1601, MUON"})
  void severalWorkersFindWhatOneFinds(
      int workers, int batch, int microBatch, int images, OptimizerSpec.Name optimizer)
      throws Exception {
    Path alone = temporary.resolve("alone");
    TrainingResult one =
        TinyWorker.train(alone, batch, microBatch, images, optimizer, Optional.empty());

    Path together = temporary.resolve("together");
    try (WorkerProcesses processes = WorkerProcesses.of(temporary, workers)) {
      processes.startAll(
          TinyWorker.class,
          together.toString(),
          String.valueOf(batch),
          String.valueOf(microBatch),
          String.valueOf(images),
          optimizer.name());
      processes.assertAllDone();
      for (int i = 1; i < workers; i++) {
        assertThat(found(processes.said(i))).isEqualTo(found(processes.said(0)));
      }
    }

    List<Double> expected = losses(alone);
    List<Double> found = losses(together);
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(found.get(i)).isCloseTo(expected.get(i), within(1e-4 * expected.get(i)));
    }
    Map<String, Weights.Array> ours = RunDirectory.open(together).result().weights().arrays();
    one.weights()
        .arrays()
        .forEach(
            (name, array) ->
                assertThat(Objects.requireNonNull(ours.get(name)).values())
                    .as(name)
                    .containsExactly(array.values(), within(1e-3f)));
  }

  private static List<Double> losses(Path run) throws IOException {
    List<Double> losses = new ArrayList<>();
    Matcher matcher = LOSS.matcher(Files.readString(run.resolve("metrics.jsonl")));
    while (matcher.find()) {
      losses.add(Double.valueOf(matcher.group(1)));
    }
    return losses;
  }

  /** Without warnings, which name the worker's port. */
  private static List<String> found(String said) {
    return said.lines().filter(line -> !line.contains(" WARN ")).toList();
  }
}
