package dev.mlit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlit.Mlit;
import dev.mlit.spec.EarlyStopping;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.RunSpec;
import dev.mlit.testing.TinyData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a version of mlit without validation images has begun: its files lack their fields. The
 * dataset has a validation part since, as flowers102 and a folder with val/ have. If this fails, a
 * run that was begun before an update becomes another one after it.
 */
class BegunBeforeTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path temporary;
  private final CountedSplit test = CountedSplit.of(TinyData.dataset(1, 30).test());
  private ReadWatch watch = new ReadWatch(test);

  /** Early stopping looks at test images, as it did, by the name that was written down. */
  private final RunSpec run =
      TinyData.run()
          .training(t -> t.epochs(4).threads(2).dropout(0.1))
          .checkpoints(c -> c.everySteps(1))
          .earlyStopping(e -> e.patience(9).metric(EarlyStopping.Metric.TEST_ACCURACY))
          .build();

  private Path directory() {
    return temporary.resolve("run");
  }

  /** Begins a run, and takes from its files what an earlier version did not write. */
  private void stopAfter(long step, Path directory) throws IOException {
    Trainer trainer = Trainer.of(run).data(test.unvalidated()).directory(directory);
    trainer.listener(
        new TrainingListener() {
          @Override
          public void step(Step done) {
            if (done.step() == step) {
              trainer.stop();
            }
          }
        });
    assertThatExceptionOfType(RunStoppedException.class).isThrownBy(trainer::train);
    Path file = directory.resolve("run.yaml");
    String yaml = Files.readString(file);
    String before = yaml.replaceAll("(?m)^  validation-fraction: .*\n", "");
    assertThat(before).isNotEqualTo(yaml).contains("  metric: test-accuracy\n");
    Files.writeString(file, before);
    try (var checkpoints = Files.list(directory.resolve("checkpoints"))) {
      for (Path checkpoint : checkpoints.filter(Files::isDirectory).toList()) {
        Path state = checkpoint.resolve("state.json");
        ObjectNode json = (ObjectNode) JSON.readTree(state.toFile());
        assertThat(((ObjectNode) json.path("data")).remove("validation_images").asInt()).isZero();
        Files.writeString(state, json.toString());
        Files.delete(checkpoint.resolve(Manifest.FILE));
        Manifest.seal(checkpoint);
      }
    }
    Path metrics = directory.resolve("metrics.jsonl");
    String lines = Files.readString(metrics);
    String field = ",\"validation_images\":0";
    assertThat(lines).contains(field);
    // As many bytes as the checkpoint says.
    Files.writeString(metrics, lines.replace(field, " ".repeat(field.length())));
  }

  @Test
  void aRunGoesOnWithoutTheValidationPartToTheBit() throws IOException {
    Trainer undisturbed =
        Trainer.of(run).data(test.unvalidated()).directory(temporary.resolve("whole"));
    TrainingResult whole = undisturbed.train();
    stopAfter(6, directory());
    Path twice = temporary.resolve("twice");
    PathUtils.copyDirectory(directory(), twice);

    TrainingResult resumed =
        Mlit.train(
                RunDirectory.open(directory()).run(),
                t -> t.data(test.dataset()).directory(directory()).resume(true).listener(watch))
            .training();

    assertThat(watch.callsButSteps())
        .startsWith("loading test", "started at 6", "test", "epoch 2")
        .endsWith("test", "epoch 4", "ended at 16")
        .doesNotContain("validation");
    ValidationTest.assertSameWeights(resumed, whole);
    assertSameMetrics(resumed, whole);
    // Stopped and resumed once more by this version, which writes the fields.
    watch = new ReadWatch(test);
    assertThatExceptionOfType(RunStoppedException.class).isThrownBy(() -> resume(twice, 11));
    ValidationTest.assertSameWeights(resume(twice, 0), whole);
    assertThat(watch.calls).doesNotContain("validation");
  }

  private TrainingResult resume(Path directory, long stopAfter) {
    Trainer trainer =
        Trainer.of(RunDirectory.open(directory).run())
            .data(test.dataset())
            .directory(directory)
            .resume(true)
            .listener(watch);
    watch.stopAfter = stopAfter;
    watch.stop = trainer::stop;
    return trainer.train();
  }

  private void assertSameMetrics(TrainingResult one, TrainingResult other) {
    assertThat(epochs(one.directory())).hasSize(4).isEqualTo(epochs(other.directory()));
  }

  /** Without what a clock says. */
  private static List<TrainingListener.Epoch> epochs(Path directory) {
    return RunDirectory.open(directory).epochs().stream()
        .map(
            e ->
                new TrainingListener.Epoch(
                    e.epoch(),
                    e.step(),
                    e.trainLoss(),
                    e.trainAccuracy(),
                    e.testLoss(),
                    e.testAccuracy(),
                    0,
                    0,
                    e.trainRouting(),
                    e.testRouting(),
                    e.validationLoss(),
                    e.validationAccuracy(),
                    e.validationRouting(),
                    e.neighboursAccuracy()))
        .toList();
  }

  @Test
  void itsBestEpochHasToBeAskedForByName() throws IOException {
    stopAfter(10, directory());

    RunDirectory begun = RunDirectory.open(directory());
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> begun.result(EpochChoice.BEST))
        .withMessage(
            directory()
                + ": has no best epoch, as it has no validation images to choose it on; train"
                + " with data.validation-fraction, or choose on the test images by name"
                + " (EpochChoice.BEST_ON_TEST)");
    assertThat(begun.result(EpochChoice.BEST_ON_TEST).testAccuracy()).isBetween(0.0, 1.0);
  }
}
