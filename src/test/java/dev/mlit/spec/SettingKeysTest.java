package dev.mlit.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** If this fails, a shell completes a field that {@code --set} does not know, or lacks one. */
class SettingKeysTest {
  private static final Path RUN = SpecFiles.SPECS.resolve("runs/quickstart.yaml");

  static Stream<String> keysOfRuns() {
    return SettingKeys.of(RunSpec.class).stream();
  }

  /** A value that only texts may have: all others refuse it, and none is unknown. */
  @ParameterizedTest
  @MethodSource("keysOfRuns")
  void everyKeyIsAField(String key) {
    Throwable problem =
        catchThrowable(() -> Specs.run(RUN, List.of(key + "={no-field-has-this: 1}")));

    if (problem != null) {
      assertThat(problem)
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining(key)
          .message()
          .doesNotContain(key + ": unknown field");
    }
  }

  /** Who knows the field, but not its group, finds it. */
  @ParameterizedTest
  @CsvSource({
    "epochs, training.epochs",
    "learning-rate, optimizer.learning-rate",
    "classes, model.classes",
    "heads, model.attention.heads" // not that of the decoder, which is in as many groups
  })
  void aFieldInTheWrongPlaceIsFound(String key, String meant) {
    assertThatThrownBy(() -> Specs.run(RUN, List.of(key + "=3")))
        .hasMessageContaining(key + ": unknown field; did you mean " + meant + "? Known here: ");
  }

  @Test
  void fieldsOfGroupsAndOfTheModelAreThere() {
    assertThat(SettingKeys.of(RunSpec.class))
        .doesNotHaveDuplicates()
        .startsWith("name", "task", "model", "model.name")
        .contains(
            "training.epochs",
            "optimizer.learning-rate",
            "augmentation.mixup",
            "model.attention.heads",
            "model.decoder",
            "model.decoder.layers",
            "freeze")
        .doesNotContain("training", "model.attention");
    assertThat(SettingKeys.of(ModelSpec.class)).contains("classes", "attention.heads");
    assertThat(SettingKeys.of(StudySpec.class)).contains("seeds", "name");
  }
}
