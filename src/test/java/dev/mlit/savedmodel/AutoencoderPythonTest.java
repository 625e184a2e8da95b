package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.Mlit;
import dev.mlit.model.TestGraph;
import dev.mlit.spec.ModelSpec;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.RunSpec.Task;
import dev.mlit.testing.FloatFiles;
import dev.mlit.testing.Python;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/**
 * Java pre-trains and exports an autoencoder, and {@code src/test/python/test_autoencoder.py} uses
 * it as Python programs do. If this fails, researchers who pre-train with mlit cannot look at, go
 * on with or build on what came out of it in Python.
 */
@Tag("slow")
class AutoencoderPythonTest {
  private static final int IMAGES = 9;

  private static final ModelSpec MODEL =
      ModelSpec.builder("autoencoder")
          .image(28, 28, 3)
          .patch(7)
          .embedding(24)
          .attention(4, 2)
          .stage(2, 3)
          .hidden(24, 12)
          .normalization(List.of(0.3, 0.4, 0.5), List.of(0.2, 0.3, 0.4))
          .mask(0.7)
          .decoder(1, 16, 12, 3, 4, 2)
          .build();

  @Test
  void pythonReadsRunsAndTrainsWhatJavaWrites(@TempDir Path directory) throws IOException {
    Python python = Python.with("tensorflow", "pytest", "yaml", "PIL", "torch", "safetensors");
    train(MODEL, 60, directory, "savedmodel");
    train(MODEL.toBuilder().normPixels(true).build(), 5, directory, "norm-pixels");
    writeInferences(directory);
    Mlit.exportWeights(directory.resolve("savedmodel"), directory.resolve("weights"));
    Mlit.exportWeights(directory.resolve("run-of-norm-pixels"), directory.resolve("norm-weights"));

    python.pytest(
        Path.of("src/test/python/test_autoencoder.py"),
        Duration.ofMinutes(4),
        Map.of("MLIT_TEST_AUTOENCODER", directory.toString()));
    ModelImport.Result back =
        ModelImport.of(directory.resolve("tuned/model.safetensors"))
            .to(directory.resolve("tuned-savedmodel"));
    assertThat(back.others()).isEmpty();
    assertThat(Reconstructor.isAutoencoder(back.savedModel())).isTrue();
  }

  private static void train(ModelSpec model, int steps, Path directory, String export) {
    RunSpec run =
        RunSpec.builder("autoencoder")
            .task(Task.RECONSTRUCT)
            .model(model)
            .data("fashion-small")
            .training(t -> t.epochs(1).batch(64).steps(steps))
            .schedule(s -> s.warmupEpochs(0.1))
            .optimizer(o -> o.learningRate(2e-3))
            .export(directory.resolve(export).toString())
            .build();
    Mlit.train(run, trainer -> trainer.directory(directory.resolve("run-of-" + export)));
  }

  /** Writes images and noise, and what Java's TensorFlow computes from them. */
  private static void writeInferences(Path directory) throws IOException {
    Random random = new Random(1);
    float[] images = random(random, IMAGES * MODEL.image().values());
    float[] noise = random(random, IMAGES * MODEL.patches());
    FloatFiles.write(directory.resolve("images.f32"), images);
    FloatFiles.write(directory.resolve("noise.f32"), noise);
    Path savedModel = directory.resolve("savedmodel");
    try (SavedModelBundle bundle = SavedModelBundle.load(savedModel.toString(), "serve");
        TFloat32 input = TFloat32.tensorOf(Shape.of(IMAGES, 28, 28, 3), DataBuffers.of(images));
        TFloat32 masks =
            TFloat32.tensorOf(Shape.of(IMAGES, MODEL.patches()), DataBuffers.of(noise));
        Result painted =
            bundle.function("reconstruct").call(Map.of("images", input, "noise", masks));
        Result seen = bundle.function("features").call(Map.of("images", input))) {
      FloatFiles.write(
          directory.resolve("patches.f32"),
          TestGraph.floats((TFloat32) painted.get("patches").orElseThrow()));
      FloatFiles.write(
          directory.resolve("mask.f32"),
          TestGraph.floats((TFloat32) painted.get("mask").orElseThrow()));
      FloatFiles.write(
          directory.resolve("tokens.f32"),
          TestGraph.floats((TFloat32) seen.get("tokens").orElseThrow()));
    }
  }

  private static float[] random(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }
}
