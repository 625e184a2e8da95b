package dev.mlit.model;

import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.Specs;
import dev.mlit.testing.Python;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The models of the paper against an independent PyTorch implementation, {@code
 * bench/torch_mlit.py}. If this fails, colleagues with PyTorch and Java users get different numbers
 * from the same preset.
 */
@Tag("slow")
class PresetsInPyTorchTest {
  private static final String PEER = "bench/torch_mlit.py";
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
    ModelSpec spec =
        Specs.model("mlit-" + preset).toBuilder()
            .image(side, side, channels)
            .patch(patch)
            .classes(10)
            .build();
    check(spec, preset, "--classes 10", directory);
  }

  @ParameterizedTest
  @CsvSource({"xxs, 36, 3, 3", "xs, 28, 4, 1", "s, 36, 3, 3"})
  void autoencodersAgreeWithPyTorch(
      String preset, int side, int patch, int channels, @TempDir Path directory)
      throws IOException {
    ModelSpec spec =
        Specs.model("mmlit-" + preset).toBuilder().image(side, side, channels).patch(patch).build();
    check(spec, preset, "--mae", directory);
  }

  private static void check(ModelSpec spec, String preset, String options, Path directory)
      throws IOException {
    Python python = Python.with("torch", "safetensors.torch");
    python.run(
        Duration.ofMinutes(5),
        Map.of(),
        ("-B " + SCRIPT + " " + PEER + " " + directory + " --preset " + preset)
            .concat(" --image " + spec.image().height() + " --patch " + spec.patch())
            .concat(" --channels " + spec.image().channels() + " " + options)
            .concat(" --batch 2 --seeds 0 1")
            .split(" "));
    try (Golden golden = new Golden(spec)) {
      golden.check(directory.resolve("0"), directory);
      golden.check(directory.resolve("1"), directory);
    }
  }
}
