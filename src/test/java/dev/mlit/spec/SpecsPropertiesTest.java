package dev.mlit.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/**
 * If this fails, the run.yaml of a run directory or the spec.yaml of a SavedModel describes another
 * model than the one that was trained, or a damaged file ends in a stack trace.
 */
@Tag("slow")
class SpecsPropertiesTest {
  private static final YAMLMapper YAML = new YAMLMapper();

  private Path file = Path.of("");

  @BeforeProperty
  void createFile() throws IOException {
    file = Files.createTempFile("spec", ".yaml");
  }

  @AfterProperty
  void deleteFile() throws IOException {
    Files.delete(file);
  }

  @Provide
  Arbitrary<ModelSpec> models() {
    return RandomSpecs.models();
  }

  @Provide
  Arbitrary<RunSpec> runs() {
    return RandomSpecs.runs();
  }

  // ---- What is written is read ----

  @Property(tries = 300)
  void aModelIsReadAsItWasWritten(@ForAll("models") ModelSpec model) throws IOException {
    Files.writeString(file, Specs.yaml(model));
    assertThat(Specs.model(file.toString())).isEqualTo(model);
  }

  @Property(tries = 500)
  void aRunIsReadAsItWasWritten(@ForAll("runs") RunSpec run) throws IOException {
    Files.writeString(file, Specs.yaml(run));
    assertThat(Specs.run(file)).isEqualTo(run);
  }

  @Property(tries = 100)
  void toBuilderMakesTheSameModel(@ForAll("models") ModelSpec model) {
    assertThat(model.toBuilder().build()).isEqualTo(model);
  }

  @Property(tries = 100)
  void toBuilderMakesTheSameRun(@ForAll("runs") RunSpec run) {
    assertThat(run.toBuilder().build()).isEqualTo(run);
  }

  @Property(tries = 100)
  void theSchemaAcceptsEveryRun(@ForAll("runs") RunSpec run) throws IOException {
    var schema =
        JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(JsonSchema.RUN.text());
    assertThat(schema.validate(YAML.readTree(Specs.yaml(run)))).isEmpty();
  }

  // ---- A damaged file is refused, or read if it is no longer damaged ----

  /** A change of a text: at a place, so many characters out, these in. */
  record Damage(double place, int out, String in) {
    String applyTo(String text) {
      int from = (int) (place * text.length());
      return text.substring(0, from) + in + text.substring(Math.min(from + out, text.length()));
    }
  }

  @Provide
  Arbitrary<Damage> damages() {
    Arbitrary<String> in =
        Arbitraries.oneOf(
            Arbitraries.of(
                "{",
                "}",
                "[",
                "]",
                ":",
                ": ",
                "- ",
                "\n",
                "\t",
                " ",
                "'",
                "\"",
                "&a ",
                "*a",
                "!!int ",
                "!!binary ",
                "!!set ",
                "!x ",
                "? ",
                "<<: ",
                "%YAML 9.9\n",
                "---\n",
                "...\n",
                "|\n",
                ">",
                "#",
                "\u0000",
                "\u0007",
                "\ufeff",
                "\ud800",
                "@",
                "`",
                ",",
                "~",
                "-1",
                "1e999",
                "1_",
                "0x",
                "0b",
                "0o8",
                "99999999999999999999",
                ".",
                "e",
                "true",
                "=",
                "\\"),
            Arbitraries.strings().ofMaxLength(5));
    return Combinators.combine(
            Arbitraries.doubles().between(0, true, 1, false).ofScale(4),
            Arbitraries.integers().between(0, 12),
            in)
        .as(Damage::new);
  }

  @Property(tries = 500)
  void aDamagedFileIsRefusedInWords(
      @ForAll("damages") Damage first, @ForAll("damages") Damage second) throws IOException {
    String run =
        "name: a\nmodel:\n" + Specs.yaml(Presets.mlitXxs()).indent(2) + "data: {dataset: b}\n";
    Files.write(file, second.applyTo(first.applyTo(run)).getBytes(StandardCharsets.UTF_8));
    try {
      assertThat(Specs.run(file).model().layers()).isPositive();
    } catch (InvalidInputException e) {
      assertThat(e)
          .message()
          .startsWith(file.toString())
          .hasSizeGreaterThan(file.toString().length() + 2);
    }
  }

  @Property(tries = 500)
  void aDamagedSettingIsRefusedInWords(
      @ForAll("damages") Damage first, @ForAll("damages") Damage second) {
    String setting = second.applyTo(first.applyTo("routing.top=2"));
    try {
      assertThat(Specs.model("mlit-xxs", List.of(setting)).layers()).isPositive();
    } catch (InvalidInputException e) {
      assertThat(e).message().isNotBlank();
    }
  }
}
