package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.data.Dataset;
import dev.mlit.testing.NoisyData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pre-training on two folders of images, and probes of what came out of it, from the command line.
 * If this fails, a user who follows the README from one to the other is stopped on the way.
 */
class FeaturesCommandTest {
  private static final String MODEL =
      """
      model:
        name: tiny
        image: {height: 8, width: 8, channels: 1}
        patch: 2
        embedding: 12
        attention: {heads: 2, groups: 1}
        stages: [{layers: 1, experts: 2}]
        hidden: {first: 8, last: 8}
      """;

  private static final String PRETRAINING =
      """
      name: together
      task: reconstruct
      data:
        datasets: [{dataset: image-folder, directory: FIRST}, {dataset: image-folder, directory: SECOND}]
        validation-fraction: 0.2
      training: {epochs: 2, batch: 32}
      neighbours: {k: 5}
      """
          + MODEL
          + "  mask: 0.75\n  decoder: {layers: 1, embedding: 12, hidden: 8, experts: 2, heads: 2, groups: 1}\n";

  private static final String PROBE =
      """
      name: probe
      data: {dataset: image-folder, directory: FIRST}
      initialize: {from: PRETRAINED}
      probe: {}
      """
          + MODEL
          + "  classes: 3\n";

  @TempDir private Path temporary;

  private Path first;
  private Path second;

  @BeforeEach
  void writeImages() throws IOException {
    Dataset images = NoisyData.dataset(120, 90, 60);
    first = temporary.resolve("first");
    second = temporary.resolve("second");
    NoisyData.write(images.train(), first.resolve("train"));
    NoisyData.write(images.test(), first.resolve("test"));
    NoisyData.write(images.validation().orElseThrow(), second);
  }

  private String run(String name, String text) throws IOException {
    String filled =
        text.replace("FIRST", "'" + first + "'")
            .replace("SECOND", "'" + second + "'")
            .replace("PRETRAINED", "'" + temporary.resolve("together") + "'");
    return Files.writeString(temporary.resolve(name), filled).toString();
  }

  @Test
  void fromTwoFoldersToProbes() throws IOException {
    String pretraining = run("together.yaml", PRETRAINING);
    String together = temporary.resolve("together").toString();
    Outcome pretrained = Outcome.of("train", pretraining, "--out", together);
    assertThat(pretrained.err()).isEmpty();
    assertThat(pretrained.exit()).isZero();
    // 120 and 72 images, of which a fifth of every class is kept to validate on; 60 + 18 to test.
    assertThat(Path.of(together, "savedmodel", "README.md"))
        .content()
        .contains(
            "| data | first + second: 153 images to train on, 39 to validate on, 78 to test on |")
        .contains("| nearest neighbours | 0.")
        .contains(" of the validation images of first, by the features, k = 5 |");
    assertThat(Path.of(together, "labels.txt"))
        .content()
        .isEqualTo(
            """
            first: a-up
            first: b-down
            first: c-dark
            second: a-up
            second: b-down
            second: c-dark
            """);

    String probe = run("probe.yaml", PROBE);
    Outcome linear =
        Outcome.of("train", probe, "--json", "--out", temporary.resolve("linear").toString());
    assertThat(linear.exit()).as(linear.err()).isZero();
    assertThat(linear.lastLine().path("test_accuracy").asDouble()).isBetween(0.34, 1.0);
    assertThat(Path.of(linear.lastLine().path("saved_model").asText(), "saved_model.pb")).exists();

    String nearest = temporary.resolve("nearest").toString();
    Outcome asked =
        Outcome.of("train", probe, "--set", "probe.kind=nearest-neighbours", "--out", nearest);
    assertThat(asked.exit()).as(asked.err()).isZero();
    assertThat(asked.out())
        .startsWith("test accuracy 0.")
        .contains(" on 60 images, in ")
        .endsWith("run         " + nearest + System.lineSeparator());
    assertThat(Outcome.of("train", "--resume", nearest, "--json").lastLine().has("saved_model"))
        .isFalse();
    assertThat(Outcome.of("export", nearest, "--to", temporary.resolve("model").toString()))
        .isEqualTo(
            new Outcome(
                2,
                "",
                nearest
                    + ": has no head to export, as probe.kind is nearest-neighbours;"
                    + " logistic-regression makes one"
                    + System.lineSeparator()));
  }

  @Test
  void saysThatSeveralDatasetsHaveNoClassesInCommon() throws IOException {
    String both = "data={datasets: [{dataset: cifar10}, {dataset: cifar100}]}";
    Outcome refused = Outcome.of("train", run("probe.yaml", PROBE), "--set", both);
    assertThat(refused.exit()).isEqualTo(2);
    assertThat(refused.err())
        .contains(
            "data.datasets: must be left out where task is classify, which needs the classes of one"
                + " dataset");
  }
}
