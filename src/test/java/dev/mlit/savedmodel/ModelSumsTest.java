package dev.mlit.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.files.ModelLayout;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.weights.ModelSums;
import dev.mlit.weights.WeightFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The checksums beside a model. If this fails, a letter that a disk or a colleague has changed in
 * labels.txt gives a service another answer, and nobody knows since when.
 */
class ModelSumsTest {
  private static final List<String> FILES =
      List.of(
          "labels.txt",
          "saved_model.pb",
          "spec.yaml",
          "variables/variables.data-00000-of-00001",
          "variables/variables.index");

  @TempDir private Path directory;

  @BeforeEach
  void write() {
    RandomModel.write(directory);
  }

  private void refused(String... problems) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Classifier.load(directory))
        .satisfies(
            e ->
                assertThat(String.valueOf(e.getMessage()).lines())
                    .containsExactly(
                        List.of(problems).stream()
                            .map(p -> directory + ": " + p)
                            .toArray(String[]::new)));
  }

  private static final String ADVICE =
      "if that was changed on purpose, write the sums again, in this directory: sha256sum "
          + String.join(" ", FILES)
          + " > SHA256SUMS";

  private void flip(String name, int at) throws IOException {
    Path file = directory.resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 1;
    Files.write(file, bytes);
  }

  @Tag("slow")
  @Test
  @EnabledOnOs(OS.LINUX)
  void theUsualToolReadsThem() throws Exception {
    Process check =
        new ProcessBuilder("sha256sum", "--check", "--strict", ModelLayout.SUMS)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(check.waitFor()).as(said).isZero();
    assertThat(said.lines())
        .containsExactlyElementsOf(FILES.stream().map(f -> f + ": OK").toList());
  }

  /** One letter of a label, of the description, and one bit of all other files. */
  @Test
  void aFlippedBitOfAnyFileIsSeen() throws IOException {
    for (String file : FILES) {
      flip(file, 1);
      refused(file + ": is not the file that SHA256SUMS was written for", ADVICE);
      flip(file, 1);
    }
    assertThatCode(() -> Classifier.load(directory).close()).doesNotThrowAnyException();
  }

  @Test
  void whoeverChangesALabelOnPurposeWritesTheSumsAgain() throws Exception {
    Files.write(directory.resolve("labels.txt"), List.of("oben", "unten", "dunkel"));
    ModelSums.write(directory);
    try (Classifier classifier = Classifier.load(directory)) {
      assertThat(classifier.labels()).containsExactly("oben", "unten", "dunkel");
    }
  }

  @Test
  void modelsOfEarlierVersionsHaveNone() throws IOException {
    Files.delete(directory.resolve(ModelLayout.SUMS));
    flip("labels.txt", 1);
    assertThatCode(() -> Classifier.load(directory).close()).doesNotThrowAnyException();
  }

  @Test
  void everyoneMayWriteIntoTheModelCard() throws IOException {
    Files.writeString(directory.resolve("README.md"), "It is mine.\n", StandardOpenOption.APPEND);
    assertThatCode(() -> Classifier.load(directory).close()).doesNotThrowAnyException();
  }

  @Test
  void aFileThatIsNotNamedOrNotThere() throws IOException {
    Path sums = directory.resolve(ModelLayout.SUMS);
    Files.write(
        sums,
        Files.readAllLines(sums).stream()
            .map(line -> line.replace("labels.txt", "model.safetensors"))
            .toList());
    refused(
        "labels.txt: is not named in SHA256SUMS",
        "model.safetensors: is named in SHA256SUMS, but not there",
        ADVICE);
  }

  /** A stranger's list must not have mlit read without end. */
  @Test
  void otherFilesAreNotLookedAt() throws IOException {
    Files.writeString(
        directory.resolve(ModelLayout.SUMS),
        "0".repeat(64) + "  /dev/zero\n" + "0".repeat(64) + "  ../spec.yaml\n",
        StandardOpenOption.APPEND);
    assertThatCode(() -> Classifier.load(directory).close()).doesNotThrowAnyException();
  }

  @Test
  void whatIsNoSum() throws IOException {
    Path sums = directory.resolve(ModelLayout.SUMS);
    Files.writeString(sums, "hello\n");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Classifier.load(directory))
        .withMessage("%s:1: must be a sum and a file, as sha256sum writes it", sums);
  }

  @Test
  void importAndTrainingLookAtThemToo() throws IOException {
    flip("labels.txt", 1);
    String problem = "labels.txt: is not the file that SHA256SUMS was written for";
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> ModelImport.of(directory).to(directory.resolve("imported")))
        .withMessageContaining(problem);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> WeightFiles.read(directory))
        .withMessageContaining(problem);
  }
}
