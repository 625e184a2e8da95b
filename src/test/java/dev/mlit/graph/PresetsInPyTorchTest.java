package dev.mlit.graph;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import dev.mlit.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The models of the paper against an independent PyTorch implementation, where there is one: {@code
 * torch_mlit.py}, at the path that the system property or environment variable {@code
 * MLIT_TORCH_PEER} names, else at {@code ../shared/peers/torch_mlit.py}. If this fails, colleagues
 * with PyTorch and Java users get different numbers from the same preset.
 */
class PresetsInPyTorchTest {
  private static final String PEER = "MLIT_TORCH_PEER";
  private static final String SCRIPT = "src/test/python/make_golden.py";

  /** Two seeds each, for the weights and everything else. */
  @ParameterizedTest
  @CsvSource({
    "xxs, 36, 3, 3",
    "xxs, 28, 4, 1",
    "xs, 36, 3, 3",
    "xs, 28, 4, 1",
    "s, 36, 3, 3",
    "s, 28, 4, 1"
  })
  void agreesWithPyTorch(String preset, int side, int patch, int channels, @TempDir Path directory)
      throws IOException {
    Path peer = peer();
    Python python = Python.with("torch", "safetensors.torch");
    python.run(
        Duration.ofMinutes(5),
        Map.of(),
        ("-B " + SCRIPT + " " + peer + " " + directory + " --preset " + preset)
            .concat(" --image " + side + " --patch " + patch + " --channels " + channels)
            .concat(" --classes 10 --batch 2 --seeds 0 1")
            .split(" "));
    ModelSpec spec =
        Specs.model("mlit-" + preset).toBuilder()
            .image(side, side, channels)
            .patch(patch)
            .classes(10)
            .build();
    try (Golden golden = new Golden(spec)) {
      golden.check(directory.resolve("0"), directory);
      golden.check(directory.resolve("1"), directory);
    }
  }

  private static Path peer() {
    String named = System.getProperty(PEER, System.getenv(PEER));
    Path peer = Path.of(named == null ? "../shared/peers/torch_mlit.py" : named);
    assumeTrue(
        Files.exists(peer),
        () ->
            "no PyTorch implementation to compare with: "
                + peer
                + " is not there; give the path of torch_mlit.py: -D"
                + PEER
                + "=/path/to/torch_mlit.py");
    return peer;
  }
}
