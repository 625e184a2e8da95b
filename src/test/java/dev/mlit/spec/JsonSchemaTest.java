package dev.mlit.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * If this fails, a user's editor completes fields that mlit refuses, or marks good specs as wrong.
 */
class JsonSchemaTest {
  private static final YAMLMapper YAML = new YAMLMapper();

  // ---- The files in specs/ ----

  @ParameterizedTest
  @EnumSource
  void theFileIsUpToDate(JsonSchema schema) throws IOException {
    Path file = SpecFiles.SPECS.resolve(schema.fileName());
    if (Boolean.getBoolean("mlit.update")) {
      Files.writeString(file, schema.text());
    }
    assertThat(Files.readString(file))
        .as("%s, which mvn test -Dtest=JsonSchemaTest -Dmlit.update=true writes again", file)
        .isEqualTo(schema.text());
  }

  /** Editors and validators that hold the schemas of two versions tell them apart by it. */
  @ParameterizedTest
  @EnumSource
  void theIdIsAnAbsoluteUriWithTheVersion(JsonSchema schema) throws IOException {
    String id = YAML.readTree(schema.text()).path("$id").asText();
    assertThat(URI.create(id).isAbsolute()).isTrue();
    assertThat(id).isEqualTo(schema.id()).contains(":" + JsonSchema.VERSION + ":");
    assertThat(Path.of("pom.xml"))
        .as(
            "JsonSchema.VERSION is the version's beginning; -Dmlit.update=true writes the files then")
        .content()
        .containsPattern(
            "<artifactId>mlit</artifactId>\\s*<version>" + Pattern.quote(JsonSchema.VERSION + "."));
  }

  static Stream<Path> files() throws IOException {
    return SpecFiles.in("");
  }

  /** The first line of a file names its schema for editors. */
  @ParameterizedTest
  @MethodSource("files")
  void everyFileIsValidByTheSchemaThatItNames(Path file) throws IOException {
    String mark = JsonSchema.header("");
    String text = Files.readString(file);
    String first = text.lines().findFirst().orElse("");
    assertThat(first).startsWith(mark);
    Path schema = file.resolveSibling(first.substring(mark.length())).normalize();
    assertThat(problems(Files.readString(schema), text)).isEmpty();
  }

  @Test
  void modelsAndRunsNameTheirSchemas() throws IOException {
    assertThat(SpecFiles.in("models"))
        .isNotEmpty()
        .allSatisfy(f -> assertThat(f).content().contains("$schema=../model.schema.json"));
    assertThat(SpecFiles.in("studies"))
        .isNotEmpty()
        .allSatisfy(f -> assertThat(f).content().contains("$schema=../study.schema.json"));
    assertThat(SpecFiles.in("runs"))
        .isNotEmpty()
        .allSatisfy(f -> assertThat(f).content().contains("$schema=../run.schema.json"));
  }

  // ---- What the schemas refuse, as mlit does ----

  private static final String RUN =
      """
      name: short
      model:
        name: tiny
        image: {height: 4, width: 4, channels: 1}
        patch: 2
        embedding: 4
        attention: {heads: 2, groups: 1}
        stages: [{layers: 1, experts: 2}]
        hidden: {first: 3, last: 3}
        pooling: mean
        classes: 2
      data: {dataset: fashion-small}
      optimizer: {learning-rate: 1.0e-3, beta1: 0.9}
      augmentation: {flip: true, random-resized-crop: {scale: [0.5, 1]}, fill: black}
      freeze: [encoder]
      """;

  private static final String MODEL =
      RUN.substring(RUN.indexOf("  name"), RUN.indexOf("data")).indent(-2);

  @Test
  void acceptsAModelWrittenOut() throws IOException {
    assertThat(problems(JsonSchema.RUN.text(), RUN)).isEmpty();
    assertThat(problems(JsonSchema.MODEL.text(), MODEL)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pooling: mean    | poolin: mean         | $                      | additionalProperties",
        "patch: 2         | #                    | $                      | required",
        "height: 4        | height: 0            | $.image.height         | minimum",
        "width: 4         | width: 4097          | $.image.width          | maximum",
        "channels: 1      | channels: 2          | $.image.channels       | enum",
        "patch: 2         | patch: '2'           | $.patch                | type",
        "embedding: 4     | embedding: 4.5       | $.embedding            | type",
        "experts: 2       | experts: 2, size: 3  | $.stages[0]            | additionalProperties",
        "{first: 3, last: 3} | 3                 | $.hidden               | type",
        "mean             | median               | $.pooling              | enum",
      })
  void refusesABrokenModel(String good, String bad, String place, String keyword)
      throws IOException {
    assertThat(problems(JsonSchema.MODEL.text(), change(MODEL, good, bad)))
        .extracting(m -> m.getInstanceLocation() + " " + m.getType())
        .containsExactly(place + " " + keyword);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "data: {          | dat: {x: 1, | $                          | required",
        "fashion-small    | 7           | $.data.dataset             | type",
        "dataset: fashion-small | directory: x | $.data              | required",
        "dataset: fashion-small | datasets: 7  | $.data.datasets     | type",
        "dataset: fashion-small | datasets: [{directory: x}] | $.data.datasets[0] | required",
        "1.0e-3           | 0           | $.optimizer.learning-rate  | exclusiveMinimum",
        "beta1: 0.9       | beta1: 1    | $.optimizer.beta1          | exclusiveMaximum",
        "beta1: 0.9       | name: sgd   | $.optimizer.name           | enum",
        "flip: true       | flip: 'yes' | $.augmentation.flip        | type",
        "[0.5, 1]         | [0.5]       | $.augmentation.random-resized-crop.scale | minItems",
        "[0.5, 1]         | [0.5, 1, 1] | $.augmentation.random-resized-crop.scale | maxItems",
        "[0.5, 1]         | [0, 1]      | $.augmentation.random-resized-crop.scale[0] | exclusiveMinimum",
        "fill: black      | fill: white | $.augmentation.fill        | enum",
        "fill: black      | mixupp: 1   | $.augmentation             | additionalProperties",
        "[encoder]        | encoder     | $.freeze                   | type",
        "[encoder]        | [1]         | $.freeze[0]                | type",
      })
  void refusesABrokenRun(String good, String bad, String place, String keyword) throws IOException {
    assertThat(problems(JsonSchema.RUN.text(), change(RUN, good, bad)))
        .extracting(m -> m.getInstanceLocation() + " " + m.getType())
        .contains(place + " " + keyword);
  }

  @Test
  void refusesABrokenModelInARun() throws IOException {
    assertThat(problems(JsonSchema.RUN.text(), change(RUN, "patch: 2", "patch: 0")))
        .extracting(m -> m.getInstanceLocation() + " " + m.getType())
        .contains("$.model.patch minimum");
  }

  private static final String STUDY =
      """
      name: study
      pretraining: []
      targets: [{name: birds, run: birds.yaml}]
      arms: [{arm: scratch, name: mine, sweep: {optimizer.beta1: [0.9, 0.8], ema: [{decay: 0.9}]}}]
      """;

  @Test
  void acceptsASweepOfAnyFields() throws IOException {
    assertThat(problems(JsonSchema.STUDY.text(), STUDY)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[0.9, 0.8]    | 0.9          | $.arms[0].sweep.optimizer.beta1    | type",
        "arm: scratch  | arm: scratsh | $.arms[0].arm                      | enum",
        "name: mine    | nam: mine    | $.arms[0]                          | additionalProperties",
        "name: study   | sweep-seeds: 0 | $.sweep-seeds                   | minimum",
      })
  void refusesABrokenStudy(String good, String bad, String place, String keyword)
      throws IOException {
    assertThat(problems(JsonSchema.STUDY.text(), change(STUDY, good, bad)))
        .extracting(m -> m.getInstanceLocation() + " " + m.getType())
        .contains(place + " " + keyword);
  }

  // ---- What an editor shows ----

  @Test
  void describesEveryField() throws IOException {
    assertThat(fields(YAML.readTree(JsonSchema.RUN.text())))
        .hasSizeGreaterThan(30)
        .allSatisfy(field -> assertThat(field.path("description").asText()).isNotBlank());
  }

  /** The schemas of all fields, of those in groups and lists too. */
  private static Stream<JsonNode> fields(JsonNode schema) {
    return Stream.concat(
        schema.path("properties").valueStream(),
        schema.valueStream().flatMap(JsonSchemaTest::fields));
  }

  @Test
  void saysTheDefaults() throws IOException {
    JsonNode run = YAML.readTree(JsonSchema.RUN.text());
    assertThat(run.at("/properties/training/properties/epochs/default").intValue()).isEqualTo(10);
    assertThat(run.at("/properties/optimizer/properties/learning-rate/default").doubleValue())
        .isEqualTo(1e-3);
    assertThat(run.at("/properties/freeze/default").toString()).isEqualTo("[]");
  }

  private static String change(String text, String good, String bad) {
    assertThat(text).contains(good);
    return text.replace(good, bad);
  }

  private static Collection<ValidationMessage> problems(String schema, String yaml)
      throws IOException {
    return JsonSchemaFactory.getInstance(VersionFlag.V202012)
        .getSchema(schema)
        .validate(YAML.readTree(yaml));
  }
}
