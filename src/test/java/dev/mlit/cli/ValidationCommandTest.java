package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Validation images on the command line. If this fails, a user does not see what a run is judged by
 * while it trains, or chooses a model on the test images without a word.
 */
class ValidationCommandTest {

  /** Images to train, to validate and to test on. */
  private static Path images;

  /** The same images without those to validate on. */
  private static Path unvalidated;

  private static Path validatedRun;
  private static Path unvalidatedRun;
  private static Outcome training;

  @TempDir private Path temporary;

  @BeforeAll
  static void trainOnce(@TempDir Path shared) throws IOException {
    images = shared.resolve("images");
    unvalidated = shared.resolve("unvalidated");
    for (String part : List.of("train", "test")) {
      draw(images, part, part.equals("train") ? 12 : 5);
      draw(unvalidated, part, part.equals("train") ? 12 : 5);
    }
    draw(images, "val", 3);
    validatedRun = shared.resolve("validated-run");
    unvalidatedRun = shared.resolve("unvalidated-run");
    training =
        Outcome.withLog("train", run(shared, images), "--out", validatedRun.toString(), "--json");
    assertThat(training.exit()).as(training.err()).isZero();
    Outcome other =
        Outcome.withLog("train", run(shared, unvalidated), "--out", unvalidatedRun.toString());
    assertThat(other.exit()).as(other.err()).isZero();
  }

  private static String run(Path folder, Path images) throws IOException {
    Path file = Files.createTempFile(folder, "run", ".yaml");
    String run =
        String.format(
            Locale.ROOT,
            """
            name: validation-test-run
            model:
              name: tiny
              image: {height: 8, width: 8, channels: 1}
              patch: 4
              embedding: 12
              attention: {heads: 2, groups: 1}
              stages: [{layers: 1, experts: 2}]
              hidden: {first: 8, last: 8}
              classes: 2
            data: {dataset: image-folder, directory: %s}
            training: {epochs: 2, batch: 8, threads: 1}
            optimizer: {learning-rate: 0.01}
            """,
            images);
    return Files.writeString(file, run).toString();
  }

  /** Dark images and bright ones, so many of each. */
  private static void draw(Path folder, String part, int count) throws IOException {
    for (String label : List.of("bright", "dark")) {
      Path place = Files.createDirectories(folder.resolve(part).resolve(label));
      for (int i = 0; i < count; i++) {
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
        int value = (label.equals("dark") ? 20 : 200) + i;
        for (int p = 0; p < 64; p++) {
          image.setRGB(p % 8, p / 8, value << 16 | value << 8 | value);
        }
        ImageIO.write(image, "png", place.resolve(i + ".png").toFile());
      }
    }
  }

  @Test
  void jsonOfTrainHasTheValidationAccuracyToo() throws IOException {
    JsonNode json = training.json();
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly("run", "saved_model", "test_accuracy", "seconds", "validation_accuracy");
    assertThat(json.path("validation_accuracy").asDouble()).isBetween(0.0, 1.0);
  }

  @Test
  void progressShowsValidationWhileItTrainsAndTheTestOnceItIsDone() {
    assertThat(training.log().lines().toList().get(0))
        .endsWith("24 images to train on, 6 to validate on, 10 to test on; 6 steps");
    assertThat(training.log())
        .containsPattern(
            "epoch 1/2  loss \\d\\.\\d{4}  train accuracy [01]\\.\\d{4}  validation accuracy"
                + " [01]\\.\\d{4}  \\d+ images/s  \\d+ s\n")
        .containsPattern(
            "epoch 2/2  .*\ntested after epoch 2  test accuracy [01]\\.\\d{4}  \\d+ s\n");
  }

  @Test
  void trainSaysBothAccuracies() throws IOException {
    Outcome outcome =
        Outcome.withLog(
            "train",
            run(temporary, unvalidated),
            "--set",
            "data.validation-fraction=0.25",
            "--out",
            temporary.resolve("run").toString());

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out())
        .containsPattern(
            """
            ^validation accuracy [01]\\.\\d{4} on 6 images
            test accuracy [01]\\.\\d{4} on 10 images, 6 steps in \\d+ s
            """);
  }

  @Test
  void evaluateMeasuresEitherPart() throws IOException {
    String model = training.json().path("saved_model").asText();
    String[] evaluate = {
      "evaluate", model, "--data", "image-folder", "--data-dir", images.toString(), "--json"
    };
    JsonNode test = Outcome.withLog(evaluate).json();
    assertThat(test.path("examples").asInt()).isEqualTo(10);
    assertThat(test.path("accuracy")).isEqualTo(training.json().path("test_accuracy"));
    JsonNode validation = Outcome.withLog(with(evaluate, "--part", "validation")).json();
    assertThat(validation.path("examples").asInt()).isEqualTo(6);
    assertThat(validation.path("accuracy")).isEqualTo(training.json().path("validation_accuracy"));
    refused(
        "--part: train must be test or validation (try: ./mlit evaluate --help)",
        with(evaluate, "--part", "train"));
    refused(
        "--part: validation, but dataset image-folder has no such part of its own",
        "evaluate",
        model,
        "--data",
        "image-folder",
        "--data-dir",
        unvalidated.toString(),
        "--part",
        "validation");
  }

  private static String[] with(String[] command, String... more) {
    String[] all = Arrays.copyOf(command, command.length + more.length);
    System.arraycopy(more, 0, all, command.length, more.length);
    return all;
  }

  @Test
  void theBestEpochIsExportedByTheImagesThatAreNamed() {
    String best = temporary.resolve("best").toString();
    assertThat(Outcome.withLog("export", validatedRun.toString(), "--best", "--to", best).exit())
        .isZero();
    assertThat(Path.of(best, "README.md"))
        .content()
        .contains("| chosen | the epoch with the highest validation accuracy |");

    refused(
        unvalidatedRun
            + ": has no best epoch, as it has no validation images to choose it on; train with"
            + " data.validation-fraction, or choose on the test images by name (./mlit export"
            + " --best-on-test, EpochChoice.BEST_ON_TEST)",
        "export",
        unvalidatedRun.toString(),
        "--best",
        "--to",
        temporary.resolve("none").toString());
    refused(
        validatedRun
            + ": its test images were not read after every epoch, as it has validation images;"
            + " choose on these (./mlit export --best, EpochChoice.BEST)",
        "export",
        validatedRun.toString(),
        "--best-on-test",
        "--to",
        temporary.resolve("none").toString());
    refused(
        "--best-on-test: must be left out where there is --best",
        "export",
        validatedRun.toString(),
        "--best-on-test",
        "--best",
        "--to",
        temporary.resolve("none").toString());
    assertThat(temporary.resolve("none")).doesNotExist();

    String tested = temporary.resolve("tested").toString();
    Outcome outcome =
        Outcome.withLog("export", unvalidatedRun.toString(), "--best-on-test", "--to", tested);
    assertThat(outcome.exit()).as(outcome.err()).isZero();
    assertThat(Path.of(tested, "README.md"))
        .content()
        .contains("| chosen | on test images, the epoch with the highest test accuracy, so that");
  }

  @Test
  void earlyStoppingWithoutValidationImagesIsRefused() throws IOException {
    refused(
        "early-stopping.metric: validation-accuracy needs images to validate on, and dataset"
            + " image-folder has none; set data.validation-fraction, such as 0.1, or choose on the"
            + " test images by name: metric: test-accuracy",
        "train",
        run(temporary, unvalidated),
        "--set",
        "early-stopping={patience: 3}",
        "--out",
        temporary.resolve("run").toString());
    assertThat(temporary.resolve("run")).doesNotExist();
  }

  @Test
  void aFractionBesideAPublishedPartIsRefused() throws IOException {
    refused(
        "data.validation-fraction: 0.25 must be left out, as dataset image-folder has a validation"
            + " part of 6 images already",
        "train",
        run(temporary, images),
        "--set",
        "data.validation-fraction=0.25",
        "--out",
        temporary.resolve("run").toString());
    assertThat(temporary.resolve("run")).doesNotExist();
  }

  @Test
  void dataCheckCountsTheValidationPart() throws IOException {
    Outcome outcome = Outcome.withLog("data", "check", "image-folder", images.toString());
    assertThat(outcome.out())
        .isEqualToNormalizingNewlines(
            """
            image-folder: 24 images to train on, 6 to validate on, 10 to test on, 8x8x1, 2 classes
            class     train validation     test
            bright       12          3        5
            dark         12          3        5
            """);
    assertThat(Outcome.withLog("data", "check", "image-folder", unvalidated.toString()).out())
        .isEqualToNormalizingNewlines(
            """
            image-folder: 24 images to train on, 10 to test on, 8x8x1, 2 classes
            class     train     test
            bright       12        5
            dark         12        5
            """);
    JsonNode json =
        Outcome.withLog("data", "check", "image-folder", images.toString(), "--json").json();
    assertThat(json.path("dataset").path("validation").asInt()).isEqualTo(6);
    assertThat(json.path("dataset").path("classes").get(1).path("validation").asInt()).isEqualTo(3);
  }

  private static void refused(String message, String... arguments) {
    Outcome outcome = Outcome.withLog(arguments);
    assertThat(outcome.exit()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err()).isEqualTo(message + System.lineSeparator());
    assertThat(outcome.out()).isEmpty();
  }
}
