package dev.mlit.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.mlit.data.DataFingerprint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The directory of a run's checkpoints. If it fails, a checkpoint that was cut off or damaged is
 * taken for a whole one, the best model of a run is thrown away, or a long run fills the disk.
 */
class CheckpointsTest {
  @TempDir private Path place;

  /** Writes the checkpoint of an epoch of four steps. */
  private void writeEpoch(int epoch, String... best) {
    checkpoints()
        .write(Checkpoints.ofEpoch(epoch), state(4L * epoch, epoch), Set.of(best), this::content);
  }

  private void writeStep(long step) {
    checkpoints()
        .write(
            Checkpoints.ofStep(step), state(step, (int) (step / 4) + 1), Set.of(), this::content);
  }

  private Checkpoints checkpoints() {
    return new Checkpoints(place);
  }

  private void content(Path prefix) {
    try {
      Files.writeString(prefix.resolveSibling("variables.index"), "where everything is");
      Files.writeString(prefix.resolveSibling("variables.data-00000-of-00001"), "1.5 2.5 3.5");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RunState state(long step, int epoch) {
    DataFingerprint data = new DataFingerprint("tiny", 50, 30, "00000000", 0);
    EpochSums.State sums =
        new EpochSums.State(0.1, 7, 16, 0.25, List.of(new double[] {1 / 3.0}, new double[] {16}));
    return new RunState(step, epoch, sums, 1.5, 100, data, true);
  }

  /** All that is there beside the file for Python. */
  private List<String> names() throws IOException {
    try (Stream<Path> content = Files.list(place)) {
      return content
          .map(path -> path.getFileName().toString())
          .filter(name -> !name.equals(CheckpointState.FILE))
          .sorted()
          .toList();
    }
  }

  private String state() throws IOException {
    return Files.readString(place.resolve("checkpoint"));
  }

  private static String name(Checkpoint checkpoint) {
    return checkpoint.directory().getFileName().toString();
  }

  // ---- What is kept ----

  @Test
  void lastTwoAreKept() throws IOException {
    // From one digit to two, where the order of names is not that of numbers.
    for (int epoch = 8; epoch <= 11; epoch++) {
      writeEpoch(epoch, "epoch-" + epoch);
    }

    assertThat(names()).containsExactly("epoch-10", "epoch-11");
    assertThat(name(Objects.requireNonNull(checkpoints().newest()))).isEqualTo("epoch-11");
  }

  /**
   * Else a Python program that looks for the newest checkpoint loads an old one, or one that is
   * gone.
   */
  @Test
  void pythonIsToldWhichAreThereAndWhichIsTheNewest() throws IOException {
    for (int epoch = 8; epoch <= 11; epoch++) {
      writeEpoch(epoch, "epoch-9");
    }

    assertThat(state())
        .isEqualTo(
            """
            model_checkpoint_path: "epoch-11/variables"
            all_model_checkpoint_paths: "epoch-9/variables"
            all_model_checkpoint_paths: "epoch-10/variables"
            all_model_checkpoint_paths: "epoch-11/variables"
            """);
  }

  /**
   * A damaged one is not named once the run goes on, and a run begun before there was such a file
   * gets it.
   */
  @Test
  void pythonIsToldOfTheOneThatARunGoesOnFrom() throws IOException {
    writeEpoch(1, "epoch-1");
    writeEpoch(2, "epoch-1");
    Files.delete(place.resolve("checkpoint"));
    Files.writeString(place.resolve("epoch-2/variables.index"), "damaged");

    checkpoints().toResume();

    assertThat(state())
        .startsWith("model_checkpoint_path: \"epoch-1/variables\"\n")
        .doesNotContain("epoch-2");
  }

  @Test
  void bestIsKeptBesideThem() throws IOException {
    for (int epoch = 1; epoch <= 5; epoch++) {
      writeEpoch(epoch, epoch < 2 ? "epoch-1" : "epoch-2");
    }

    assertThat(names()).containsExactly("epoch-2", "epoch-4", "epoch-5");
  }

  /** What is exported of a run that was stopped within an epoch. */
  @Test
  void lastOneOfAnEpochsEndIsKeptBesideThoseOfSteps() throws IOException {
    writeEpoch(1, "epoch-1");
    writeEpoch(2, "epoch-1");
    writeStep(9);
    writeStep(10);
    writeStep(11);

    assertThat(names()).containsExactly("epoch-2", "step-10", "step-11");
    assertThat(name(Objects.requireNonNull(checkpoints().newestOfEpoch()))).isEqualTo("epoch-2");
  }

  @Test
  void ofAStepThatEndsAnEpochTheTestedOneIsTheNewest() {
    writeStep(8);
    writeEpoch(2, "epoch-2");

    assertThat(name(Objects.requireNonNull(checkpoints().newest()))).isEqualTo("epoch-2");
  }

  @Test
  void stateIsReadAsItWasWritten() {
    writeEpoch(3, "epoch-3");

    Checkpoint read = Objects.requireNonNull(checkpoints().newest());

    assertThat(read.state()).usingRecursiveComparison().isEqualTo(state(12, 3));
    assertThat(read.prefix()).isEqualTo(place.resolve("epoch-3/variables"));
  }

  // ---- What was cut off ----

  @Test
  void oneThatFailsLeavesTheOnesBefore() throws IOException {
    writeEpoch(1, "epoch-1");
    writeEpoch(2, "epoch-1");

    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                checkpoints()
                    .write(
                        "epoch-3",
                        state(12, 3),
                        Set.of("epoch-3"),
                        prefix -> {
                          content(prefix);
                          throw new IllegalStateException("not finite");
                        }))
        .withMessage("not finite");

    assertThat(names()).containsExactly("epoch-1", "epoch-2");
  }

  @Test
  void placeThatCannotBeWrittenIsNamed() throws IOException {
    writeEpoch(1, "epoch-1");
    Files.createFile(place.resolve("file"));

    assertThatExceptionOfType(WriteFailedException.class)
        .isThrownBy(
            () ->
                new Checkpoints(place.resolve("file"))
                    .write("epoch-2", state(8, 2), Set.of("epoch-2"), this::content))
        .withMessageStartingWith(place.resolve("file/epoch-2") + ": cannot be written: ");
  }

  @Test
  void unfinishedOneIsNone() throws IOException {
    content(Files.createDirectories(place.resolve("unfinished")).resolve("variables"));

    assertThat(checkpoints().newest()).isNull();
  }

  @Test
  void unfinishedOneIsReplacedByTheNext() throws IOException {
    Path left = Files.createDirectories(place.resolve("unfinished"));
    Files.createFile(left.resolve("variables.data-00000-of-00001.tempstate"));

    writeEpoch(1, "epoch-1");

    assertThat(names()).containsExactly("epoch-1");
    assertThat(place.resolve("epoch-1")).isDirectoryNotContaining("glob:**.tempstate");
  }

  @Test
  void otherFilesBesideThemAreNoneAndStay() throws IOException {
    Files.createDirectory(place.resolve("epoch-9-backup"));
    Files.createDirectory(place.resolve("best"));
    writeEpoch(1, "epoch-1");

    assertThat(name(Objects.requireNonNull(checkpoints().newest()))).isEqualTo("epoch-1");
    assertThat(names()).containsExactly("best", "epoch-1", "epoch-9-backup");
  }

  // ---- What is damaged ----

  @ParameterizedTest
  @ValueSource(
      strings = {"variables.index", "variables.data-00000-of-00001", "state.json", "manifest.json"})
  void missingFileIsDamage(String file) throws IOException {
    writeEpoch(1, "epoch-1");
    writeEpoch(2, "epoch-2");
    Files.delete(place.resolve("epoch-2").resolve(file));

    assertThat(name(Objects.requireNonNull(checkpoints().newest()))).isEqualTo("epoch-1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"variables.index", "variables.data-00000-of-00001", "state.json", "manifest.json"})
  void everyBitOfEveryFileCounts(String file) throws IOException {
    writeEpoch(1, "epoch-1");
    writeEpoch(2, "epoch-2");
    Path damaged = place.resolve("epoch-2").resolve(file);
    byte[] whole = Files.readAllBytes(damaged);

    for (int bit = 0; bit < 8 * whole.length; bit++) {
      byte[] bytes = whole.clone();
      bytes[bit / 8] ^= (byte) (1 << (bit % 8));
      Files.write(damaged, bytes);
      assertThat(name(Objects.requireNonNull(checkpoints().newest())))
          .as("bit %d of %s", bit, file)
          .isEqualTo("epoch-1");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"variables.data-00000-of-00001", "state.json", "manifest.json"})
  void cutOffFileIsDamage(String file) throws IOException {
    writeEpoch(1, "epoch-1");
    writeEpoch(2, "epoch-2");
    Path damaged = place.resolve("epoch-2").resolve(file);
    byte[] whole = Files.readAllBytes(damaged);
    Files.write(damaged, Arrays.copyOf(whole, whole.length - 1));

    assertThat(name(Objects.requireNonNull(checkpoints().newest()))).isEqualTo("epoch-1");
  }

  @Test
  void damagedOneIsPutAsideWhenTheRunGoesOn() throws IOException {
    writeEpoch(1, "epoch-1");
    writeEpoch(2, "epoch-2");
    Files.writeString(place.resolve("epoch-2/variables.index"), "nowhere");

    assertThat(name(Objects.requireNonNull(checkpoints().toResume()))).isEqualTo("epoch-1");

    assertThat(names()).containsExactly("epoch-1", "epoch-2.damaged");
  }
}
