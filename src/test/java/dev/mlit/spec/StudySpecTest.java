package dev.mlit.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mlit.spec.StudySpec.ArmKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  @Test
  void anArmIsNamedAsItsKindUnlessItHasANameOfItsOwn() throws IOException {
    StudySpec study =
        read(
            STUDY
                + "arms: [{arm: scratch}, {arm: fine-tune}, {arm: fine-tune, name: fine-tune-ld075,"
                + " set: [optimizer.layer-decay=0.75]}]\n");
    assertThat(study.arms())
        .extracting(StudySpec.Arm::name)
        .containsExactly("scratch", "fine-tune", "fine-tune-ld075");
    assertThat(study.arms().get(2).arm()).isEqualTo(ArmKind.FINE_TUNE);
  }

  @Test
  void aSweepKeepsItsOrderAndItsValuesAsTheyWereWritten() throws IOException {
    StudySpec study =
        read(
            STUDY
                + """
                arms:
                  - arm: scratch
                    sweep:
                      optimizer.learning-rate: [1.0e-3, 4.0e-3]
                      augmentation.random-crop: [{padding: 2}, {padding: 4}]
                      augmentation.color-jitter: [{hue: 0.1, saturation: 0.2}]
                      augmentation.random-resized-crop.scale: [[0.5, 1], [0.25, 1]]
                      training.precision: [float32, bfloat16]
                """);
    Map<String, List<String>> sweep = study.arms().get(0).sweep();
    assertThat(sweep.keySet())
        .containsExactly(
            "optimizer.learning-rate",
            "augmentation.random-crop",
            "augmentation.color-jitter",
            "augmentation.random-resized-crop.scale",
            "training.precision");
    assertThat(sweep.values())
        .containsExactly(
            List.of("1.0e-3", "4.0e-3"),
            List.of("{padding: 2}", "{padding: 4}"),
            List.of("{hue: 0.1, saturation: 0.2}"),
            List.of("[0.5, 1]", "[0.25, 1]"),
            List.of("float32", "bfloat16"));
    assertThat(read(Specs.yaml(study))).isEqualTo(study);
    assertThat(read(Specs.yaml(study)).arms().get(0).sweep().keySet())
        .containsExactlyElementsOf(sweep.keySet());
  }

  @Test
  void theBuilderMakesWhatTheFileSays() throws IOException {
    StudySpec built =
        StudySpec.builder("tiny")
            .pretraining("first", p -> p.run("pre.yaml").set("training.epochs=3"))
            .pretraining("second", p -> p.run("pre.yaml").from("first"))
            .target(
                "birds",
                t -> t.run("birds.yaml").fraction(0.1, 7).fraction(1).set("training.batch=50"))
            .target("fish", t -> t.run("fish.yaml"))
            .arm(ArmKind.SCRATCH)
            .arm(
                ArmKind.FINE_TUNE,
                a ->
                    a.name("tuned")
                        .set("training.batch=25")
                        .sweep("optimizer.learning-rate", "1.0e-3", "4.0e-3"))
            .seeds(4, 5)
            .tests(2)
            .sweepSeeds(2)
            .build();
    StudySpec file =
        read(
            """
            name: tiny
            pretraining:
              - {name: first, run: pre.yaml, set: [training.epochs=3]}
              - {name: second, run: pre.yaml, from: first}
            targets:
              - name: birds
                run: birds.yaml
                fractions: [{labels: 0.1, steps: 7}, {labels: 1}]
                set: [training.batch=50]
              - {name: fish, run: fish.yaml}
            arms:
              - {arm: scratch}
              - arm: fine-tune
                name: tuned
                set: [training.batch=25]
                sweep: {optimizer.learning-rate: [1.0e-3, 4.0e-3]}
            seeds: [4, 5]
            tests: 2
            sweep-seeds: 2
            """);
    assertThat(built).isEqualTo(file);
  }

  @Test
  void theBuilderHasTheDefaultsOfTheFile() throws IOException {
    StudySpec built =
        StudySpec.builder("tiny")
            .pretraining("first", p -> p.run("pre.yaml"))
            .target("birds", t -> t.run("birds.yaml"))
            .build();
    assertThat(built)
        .isEqualTo(
            read(
                """
                name: tiny
                pretraining: [{name: first, run: pre.yaml}]
                targets: [{name: birds, run: birds.yaml}]
                """));
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
        "name: tiny | 'name: tiny\narms: [{arm: scratch}, {arm: scratch}]' | 2: arms: the names"
            + " [scratch, scratch] must differ from each other",
        "name: tiny | 'name: tiny\narms: [{arm: scratch}, {arm: fine-tune, name: scratch}]' | 2: arms:"
            + " the names [scratch, scratch] must differ from each other",
        "name: tiny | 'name: tiny\narms: [{arm: scratch, name: a b}]' | 2: arms[0].name: \"a b\" must be"
            + " 1 to 100 letters, digits, '.', '_' or '-', the first a letter or a digit",
        "name: tiny | 'name: tiny\narms: [{arm: scratch, sweep: [1]}]' | 2: arms[0].sweep: a list must"
            + " be a group of lists",
        "name: tiny | 'name: tiny\narms: [{arm: scratch, sweep: {optimizer.beta1: 0.9}}]' | 2:"
            + " arms[0].sweep.optimizer.beta1: 0.9 must be a list",
        "name: tiny | 'name: tiny\narms: [{arm: scratch, sweep: {optimizer.beta1: []}}]' | 2:"
            + " arms[0].sweep.optimizer.beta1: at least one is required",
        "name: tiny | 'name: tiny\narms: [{arm: scratch, sweep: {optimizer.beta1: [1, 1]}}]' | 2:"
            + " arms[0].sweep.optimizer.beta1: the values [1, 1] must differ from each other",
        "name: tiny | 'name: tiny\nsweep-seeds: 4' | 2: sweep-seeds: 4 must be at most the number of"
            + " seeds, 3",
        "name: tiny | 'name: tiny\nsweep-seeds: 0' | 2: sweep-seeds: 0 must be at least 1 and at most"
            + " 1000",
      })
  void refuses(String good, String bad, String problem) {
    assertThat(STUDY).contains(good);
    String text = STUDY.replace(good, bad == null ? "" : bad.replace("\\n", "\n"));
    assertThatExceptionOfType(InvalidSpecException.class)
        .isThrownBy(() -> read(text))
        .withMessage(directory.resolve("study.yaml") + ":" + problem);
  }

  /** Settings would be compared on other images, or by what the study sets anyway. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "name",
        "task",
        "export",
        "data",
        "data.validation-fraction",
        "data.label-fraction",
        "initialize.from",
        "training.seed",
        "training.test-every"
      })
  void refusesToSweepWhatTheStudySets(String field) {
    assertThatExceptionOfType(InvalidSpecException.class)
        .isThrownBy(() -> read(STUDY + "arms: [{arm: scratch, sweep: {" + field + ": [1, 2]}}]\n"))
        .withMessageContaining(
            "study.yaml:4: arms[0].sweep."
                + field
                + ": must not be swept: settings are compared on the same images, from the same"
                + " start, by the study's seeds");
  }

  @Test
  void aSweepHasAtMostAThousandSettings() {
    String ten = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]";
    StudySpecBuilder builder = StudySpec.builder("tiny").target("birds", t -> t.run("birds.yaml"));
    String[] values = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"};
    assertThat(
            builder
                .arm(
                    ArmKind.SCRATCH,
                    a -> a.sweep("a", values).sweep("b", values).sweep("c", values))
                .build()
                .arms())
        .hasSize(1);
    assertThatExceptionOfType(InvalidSpecException.class)
        .isThrownBy(
            () ->
                read(
                    STUDY
                        + "arms: [{arm: scratch, sweep: {a: %s, b: %s, c: %s, d: [1, 2]}}]\n"
                            .formatted(ten, ten, ten)))
        .withMessageContaining("arms[0].sweep: must have at most 1000 combinations of values");
  }

  @Test
  void armsThatTransferNeedSomethingToStartFrom() {
    assertThatExceptionOfType(InvalidSpecException.class)
        .isThrownBy(() -> read(STUDY.replaceAll("pretraining: .*", "pretraining: []")))
        .withMessageContaining(
            "pretraining: at least one is required, as there are other arms than scratch");
  }
}
