package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code ./mlit augment}, and what is said of a wrong recipe. If it fails, a user sees only in the
 * accuracy, hours later, that his recipe ruins the images or that a word of it was mistyped.
 */
class AugmentCommandTest {
  private static final String RUN = "specs/runs/quickstart.yaml";

  @TempDir private Path temporary;

  @Test
  void writesAPictureAndSaysWhere() throws IOException {
    Path picture = temporary.resolve("grid.png");

    Outcome outcome =
        Outcome.of("augment", RUN, "--out", picture.toString(), "--images", "2", "--variants", "3");

    assertThat(outcome)
        .isEqualTo(new Outcome(0, "picture  " + picture + System.lineSeparator(), ""));
    assertThat(ImageIO.read(picture.toFile()).getWidth()).isGreaterThan(4 * 56);
  }

  @Test
  void resultIsReadByPrograms() throws IOException {
    Path picture = temporary.resolve("grid.png");

    Outcome outcome =
        Outcome.of(
            "augment",
            RUN,
            "--out",
            "" + picture,
            "--images",
            "2",
            "--variants",
            "3",
            "--json",
            "--set",
            "augmentation.mixup=0.2");

    JsonNode result = new ObjectMapper().readTree(outcome.out());
    assertThat(result.path("picture").asText()).isEqualTo(picture.toString());
    assertThat(result.path("images").asInt()).isEqualTo(2);
    assertThat(result.path("variants").asInt()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "augmentation.vertical-flip=true",
        "augmentation.quarter-turns=true",
        "augmentation.rand-augment={}",
        "augmentation.rand-augment={num-ops: 3, magnitude: 20, num-magnitude-bins: 21}",
        "augmentation.trivial-augment-wide={}"
      })
  void everyAugmentationIsSeen(String setting) throws IOException {
    byte[] plain = picture("plain.png", "augmentation.flip=false");
    byte[] changed = picture("changed.png", "augmentation.flip=false", setting);

    assertThat(changed).isNotEqualTo(plain);
  }

  private byte[] picture(String name, String... settings) throws IOException {
    Path picture = temporary.resolve(name);
    List<String> arguments =
        new ArrayList<>(
            List.of("augment", RUN, "--images", "3", "--variants", "3", "--out", "" + picture));
    for (String setting : settings) {
      arguments.add("--set");
      arguments.add(setting);
    }
    assertThat(Outcome.of(arguments.toArray(String[]::new)).exit()).isZero();
    return Files.readAllBytes(picture);
  }

  @Test
  void recipeThatAugmentsNothingIsSaidToBeOne() {
    Outcome outcome =
        Outcome.of(
            "augment",
            RUN,
            "--out",
            "" + temporary.resolve("grid.png"),
            "--images",
            "1",
            "--set",
            "augmentation.flip=false");

    assertThat(outcome.exit()).isZero();
    assertThat(outcome.out()).contains("quickstart augments nothing");
  }

  @Test
  void countThatIsNoneIsRefused() {
    refused("--images: 0 must be at least 1 and at most 100", "augment", RUN, "--images", "0");
    refused("--variants: 101 must be at least 1 and at most 100", "augment", "--variants", "101");
  }

  @Test
  void directoryThatIsNotThereIsRefused() {
    Path picture = temporary.resolve("nowhere/grid.png");
    Outcome outcome = Outcome.of("augment", RUN, "--out", picture.toString(), "--images", "1");

    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(outcome.err()).startsWith(picture + ": cannot be written: ");
  }

  @Test
  void unknownAugmentationIsRefusedWithTheOneThatWasMeant() throws IOException {
    Path file = temporary.resolve("run.yaml");
    Files.writeString(
        file,
        """
        name: mine
        model: mlit-xxs
        data: {dataset: fashion-small}
        augmentation: {flip: true, rotaton: 15}
        """);
    String message =
        file
            + ":4: augmentation.rotaton: unknown field; did you mean rotation? Known here:"
            + " color-jitter, cutmix, fill, flip, mix-probability, mixup, quarter-turns,"
            + " rand-augment, random-crop, random-erasing, random-resized-crop, rotation,"
            + " translation, trivial-augment-wide, vertical-flip";

    refused(message, "augment", file.toString());
    refused(message, "train", file.toString());
  }

  @Test
  void patternThatFreezesNothingIsRefusedAndNothingIsWritten() {
    Path out = temporary.resolve("run");

    refused(
        "freeze: \"encoders\" names no variable; did you mean encoder? groups are [class_token,"
            + " encoder, head, patch_embedding, position_embedding]",
        "train",
        RUN,
        "--out",
        out.toString(),
        "--set",
        "freeze=[patch_embedding, encoders]",
        "--set",
        "export=" + temporary.resolve("savedmodel"));

    assertThat(temporary).isEmptyDirectory();
  }

  private static void refused(String message, String... arguments) {
    assertThat(Outcome.of(arguments))
        .isEqualTo(new Outcome(2, "", message + System.lineSeparator()));
  }
}
