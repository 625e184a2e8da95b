package dev.mlit.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.spec.StudySpec.ArmKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * If this fails, a study that cannot make a table is found out after hours of training, or one that
 * is fine is refused.
 */
class StudySpecTest {
  private static final String STUDY =
      """
      name: tiny
      pretraining: [{name: first, run: pre.yaml, set: [training.epochs=3]}]
      targets: [{name: birds, run: birds.yaml, fractions: [{labels: 0.1, steps: 7}, {labels: 1}]}]
      """;

  @TempDir private Path directory;

  private StudySpec read(String text, String... settings) throws IOException {
    Path file = directory.resolve("study.yaml");
    Files.writeString(file, text);
    return Specs.study(file, List.of(settings));
  }

  @Test
  void leavesOutWhatHasADefault() throws IOException {
    StudySpec study = read(STUDY);
    assertThat(study.arms())
        .extracting(StudySpec.Arm::arm)
        .containsExactly(ArmKind.SCRATCH, ArmKind.FINE_TUNE);
    assertThat(study.seeds()).containsExactly(1, 2, 3);
    assertThat(study.tests()).isEqualTo(4);
    assertThat(study.targets().get(0).set()).isEmpty();
    assertThat(study.targets().get(0).fractions().get(1).steps()).isNull();
  }

  @Test
  void whatIsWrittenReadsBack() throws IOException {
    StudySpec study = read(STUDY, "seeds=[5]");
    assertThat(study.seeds()).containsExactly(5);
    assertThat(read(Specs.yaml(study))).isEqualTo(study);
  }

  static Stream<Path> files() throws IOException {
    return SpecFiles.in("studies");
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyStudyOfTheRepositoryIsValidAndNamedAsItsFile(Path file) {
    assertThat(Specs.study(file, List.of()).name() + ".yaml")
        .isEqualTo(file.getFileName().toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "run: pre.yaml, | | 2: pretraining[0]: must have run, from, or both",
        "run: pre.yaml | from: x | 2: pretraining[0].set: must be left out where there is no run:"
            + " it is trained already",
        "labels: 0.1 | labels: 0 | 3: targets[0].fractions[0].labels: 0 must be above 0 and at most"
            + " 1",
        "labels: 0.1 | labels: 1 | 3: targets[0].fractions: the labels [1.0, 1.0] must differ from"
            + " each other",
        "name: tiny | 'name: tiny\nseeds: [1, 1]' | 2: seeds: the seeds [1, 1] must differ from each"
            + " other",
        "name: tiny | 'name: tiny\nseeds: []' | 2: seeds: at least one is required",
        "name: birds | name: 'a bird' | 3: targets[0].name: \"a bird\" must be 1 to 100 letters,"
            + " digits, '.', '_' or '-', the first a letter or a digit",
      })
  void refuses(String good, String bad, String problem) {
    assertThat(STUDY).contains(good);
    String text = STUDY.replace(good, bad == null ? "" : bad.replace("\\n", "\n"));
    assertThatExceptionOfType(InvalidSpecException.class)
        .isThrownBy(() -> read(text))
        .withMessage(directory.resolve("study.yaml") + ":" + problem);
  }

  @Test
  void armsThatTransferNeedSomethingToStartFrom() {
    assertThatExceptionOfType(InvalidSpecException.class)
        .isThrownBy(() -> read(STUDY.replaceAll("pretraining: .*", "pretraining: []")))
        .withMessageContaining(
            "pretraining: at least one is required, as there are other arms than scratch");
  }
}
