package dev.mlit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.spec.JsonSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** If this fails, an editor outside the clone has no schema, or a header that leads nowhere. */
class SchemaCommandTest {
  @TempDir private Path temporary;

  @ParameterizedTest
  @EnumSource
  void printsASchema(JsonSchema schema) {
    assertThat(Outcome.of("schema", schema.name())).isEqualTo(new Outcome(0, schema.text(), ""));
  }

  @Test
  void writesAllIntoADirectory() {
    Path directory = temporary.resolve("new/schemas");

    Outcome outcome = Outcome.of("schema", "--out", directory.toString());

    assertThat(outcome.exit()).as(outcome.err()).isZero();
    for (JsonSchema schema : JsonSchema.values()) {
      Path file = directory.resolve(schema.fileName());
      assertThat(file).hasContent(schema.text());
      assertThat(outcome.out()).contains("# yaml-language-server: $schema=" + file);
    }
  }

  @ParameterizedTest
  @CsvSource({"mine.json, mine.json", "., run.schema.json"})
  void writesOneToAFileOrIntoADirectory(String target, String written) throws IOException {
    Outcome outcome = Outcome.of("schema", "run", "--out", temporary.resolve(target).toString());

    assertThat(outcome.exit()).as(outcome.err()).isZero();
    assertThat(temporary.resolve(written)).hasContent(JsonSchema.RUN.text());
    try (var files = Files.list(temporary)) {
      assertThat(files).hasSize(1);
    }
  }

  /** The YAML language server takes what stands before a space for all of it. */
  @Test
  void aPathWithSpacesIsNamedByItsUri() {
    Path file = temporary.resolve("of mine.json");

    assertThat(Outcome.of("schema", "run", "--out", file.toString()).out())
        .contains("$schema=file:///")
        .contains("/of%20mine.json");
  }

  @Test
  void allOfThemNeedADirectory() {
    refused(
        "SPEC: name one of model, run or study, or a directory for all of them with --out",
        "schema");
  }

  @Test
  void aFileThatCannotBeWrittenIsTheUsersFault() {
    Path file = temporary.resolve("none/run.json");

    Outcome outcome = Outcome.of("schema", "run", "--out", file.toString());

    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(outcome.err()).startsWith(file + ": ").hasLineCount(1);
  }

  private static void refused(String message, String... command) {
    assertThat(Outcome.of(command)).isEqualTo(new Outcome(2, "", message + System.lineSeparator()));
  }
}
