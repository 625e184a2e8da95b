package dev.mlit.model;

import dev.mlit.spec.Specs;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tiny models against golden files, in every build. If this fails, weights that were trained with
 * another implementation of the paper predict something else in mlit, or mlit learns something else
 * from the same images.
 */
class GoldenTest {
  private static final Path DIRECTORY = Path.of("src/test/resources/golden");

  @ParameterizedTest
  @ValueSource(
      strings = {"rgb", "gray", "switch", "autoencoder", "gray-autoencoder", "norm-pixels"})
  void agreesWithPyTorch(String name, @TempDir Path scratch) throws IOException {
    Path directory = DIRECTORY.resolve(name);
    try (Golden golden = new Golden(Specs.model(directory.resolve("spec.yaml").toString()))) {
      golden.check(directory, scratch);
    }
  }

  /** Seven of sixteen patches are left out of the loss and the gradients, none of inference. */
  @Test
  void agreesWithPyTorchWherePatchesAreLeftOut(@TempDir Path scratch) throws IOException {
    Path directory = DIRECTORY.resolve("patch-dropout");
    try (Golden golden = new Golden(Specs.model(directory.resolve("spec.yaml").toString()), 0.4)) {
      golden.check(directory, scratch);
    }
  }
}
