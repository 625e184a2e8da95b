package dev.mlit.insight;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.data.Dataset;
import dev.mlit.spec.RunSpec;
import dev.mlit.spec.RunSpec.Task;
import dev.mlit.testing.Python;
import dev.mlit.testing.TinyData;
import dev.mlit.train.RunStoppedException;
import dev.mlit.train.Trainer;
import dev.mlit.train.TrainingListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Event files, read by TensorBoard itself in {@code src/test/python/test_tensorboard.py}. If this
 * fails, a user's TensorBoard shows nothing of a run, or a resumed run twice.
 */
@Tag("slow")
class TensorBoardTest {
  private static final Path TESTS = Path.of("src/test/python/test_tensorboard.py");
  private static final Dataset IMAGES = TinyData.dataset(50, 30);

  /** Six epochs of four steps, on images that are hard to tell apart so early. */
  private static final RunSpec RUN =
      TinyData.run()
          .training(t -> t.epochs(6))
          .optimizer(o -> o.learningRate(1e-4))
          .augmentation(a -> a.flip(true).translation(0.2).mixup(1))
          .build();

  /** With images to validate on, and without. */
  @ParameterizedTest
  @ValueSource(ints = {0, 20})
  void tensorBoardReadsWhatIsWrittenBeforeAndAfterAResume(int validation, @TempDir Path temporary) {
    Python python = Python.with("tensorboard", "numpy", "PIL", "pytest");
    Path directory = temporary.resolve("run");
    Dataset images = validation == 0 ? IMAGES : TinyData.validated(50, validation, 30);
    assertThatExceptionOfType(RunStoppedException.class)
        .isThrownBy(() -> train(images, directory, 14));
    train(images, directory, 0);
    // A run that is done is measured and told of once more.
    train(images, directory, 0);

    python.pytest(TESTS, Duration.ofMinutes(2), Map.of("MLIT_TEST_RUN", directory.toString()));
  }

  /** Two tests of an autoencoder, of which the second one is told of twice. */
  @Test
  void tensorBoardShowsWhatAnAutoencoderPaints(@TempDir Path temporary) {
    Python python = Python.with("tensorboard", "numpy", "PIL", "pytest");
    Path directory = temporary.resolve("run");
    RunSpec run =
        TinyData.run()
            .task(Task.RECONSTRUCT)
            .model(
                TinyData.model().toBuilder()
                    .patch(2)
                    .classes(0)
                    .mask(0.75)
                    .decoder(1, 12, 8, 3, 2, 1)
                    .normPixels(true)
                    .build())
            .training(t -> t.epochs(4).testEvery(2))
            .build();
    for (int start = 0; start < 2; start++) {
      Trainer.of(run).data(IMAGES).directory(directory).resume(true).train();
    }

    python.pytest(
        Path.of("src/test/python/test_tensorboard_reconstructions.py"),
        Duration.ofMinutes(2),
        Map.of("MLIT_TEST_RUN", directory.toString()));
  }

  private static void train(Dataset images, Path directory, long stopAfter) {
    Trainer trainer = Trainer.of(RUN).data(images).directory(directory).resume(true);
    trainer.listener(
        new TrainingListener() {
          @Override
          public void step(Step step) {
            if (step.step() == stopAfter) {
              trainer.stop();
            }
          }
        });
    trainer.train();
  }
}
