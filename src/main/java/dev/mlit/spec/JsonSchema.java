package dev.mlit.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.mlit.spec.field.Absent;
import dev.mlit.spec.field.Default;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Interval;
import dev.mlit.spec.field.OneOf;
import dev.mlit.spec.field.Range;
import dev.mlit.spec.field.Together;
import dev.mlit.spec.field.Unless;
import dev.mlit.spec.text.KebabCase;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * The JSON Schemas (draft 2020-12) of the specs, for editors that check and complete YAML.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public enum JsonSchema {
  /** Of {@link ModelSpec}. */
  MODEL(ModelSpec.class),
  /** Of {@link RunSpec}. */
  RUN(RunSpec.class),
  /** Of {@link StudySpec}. */
  STUDY(StudySpec.class);

  /**
   * The version of mlit whose specs they describe, without its last number: the schemas of two
   * versions are two schemas, for those who keep both.
   */
  static final String VERSION = "0.1";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final YAMLMapper YAML = new YAMLMapper();

  private final Class<? extends Record> type;

  JsonSchema(Class<? extends Record> type) {
    this.type = type;
  }

  /** What the file of the schema is called, in {@code specs/} and wherever it is written. */
  public String fileName() {
    return KebabCase.of(this) + ".schema.json";
  }

  /**
   * What the schema is known by, wherever its file lies: an absolute URI. It is a name and no
   * address, as mlit has none of its own on the web that would outlive its forge.
   */
  public String id() {
    return "urn:mlit:schema:" + VERSION + ":" + KebabCase.of(this);
  }

  /** The schema, as JSON that ends with a line feed. */
  public String text() {
    ObjectNode schema = JSON.createObjectNode();
    schema
        .put("$schema", "https://json-schema.org/draft/2020-12/schema")
        .put("$id", id())
        .put("title", "mlit " + KebabCase.of(this));
    schema.setAll(group(type));
    try {
      return JSON.writeValueAsString(schema) + "\n";
    } catch (JsonProcessingException e) {
      throw new AssertionError("a tree is always JSON", e);
    }
  }

  /**
   * The line of a YAML file that names its schema, for VS Code and all other editors that have the
   * YAML language server.
   *
   * @param place the schema's file: a path relative to the YAML file, an absolute one, or a URI
   */
  public static String header(String place) {
    return "# yaml-language-server: $schema=" + place;
  }

  private static ObjectNode group(Class<?> type) {
    ObjectNode schema = JSON.createObjectNode();
    schema.put("type", "object").put("additionalProperties", false);
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = JSON.createArrayNode();
    for (RecordComponent component : type.getRecordComponents()) {
      properties.set(Fields.key(component), field(component));
      if (!component.isAnnotationPresent(Default.class)
          && !component.isAnnotationPresent(Absent.class)
          && !Fields.isOptional(component)) {
        required.add(Fields.key(component));
      }
    }
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    for (RecordComponent component : type.getRecordComponents()) {
      dependence(schema, component);
    }
    return schema;
  }

  /** What a field's presence says of another's. */
  private static void dependence(ObjectNode schema, RecordComponent component) {
    String key = Fields.key(component);
    Absent absent = component.getAnnotation(Absent.class);
    if (absent != null) {
      schema.putObject("if").putArray("required").add(absent.whereThereIs());
      schema.putObject("then").putObject("not").putArray("required").add(key);
      schema.putObject("else").putArray("required").add(key);
    }
    Unless unless = component.getAnnotation(Unless.class);
    if (unless != null) {
      ArrayNode either = schema.putArray("anyOf");
      either.addObject().putArray("required").add(key);
      either.addObject().putArray("required").add(unless.value());
    }
    Together together = component.getAnnotation(Together.class);
    if (together != null) {
      schema.withObject("/dependentRequired").putArray(key).add(together.with());
    }
  }

  private static ObjectNode field(RecordComponent component) {
    ObjectNode schema = type(component.getType(), component);
    Doc doc = component.getAnnotation(Doc.class);
    if (doc != null) {
      schema.put("description", doc.value());
    }
    Default value = component.getAnnotation(Default.class);
    if (value != null && !value.value().equals("{}")) {
      schema.set("default", yaml(value.value()));
    }
    return schema;
  }

  private static ObjectNode type(Class<?> type, RecordComponent component) {
    ObjectNode schema = JSON.createObjectNode();
    if (type == java.util.List.class) {
      schema.put("type", "array").set("items", type(Fields.item(component), component));
      if (component.isAnnotationPresent(Interval.class)) {
        schema.put("minItems", 2).put("maxItems", 2);
      }
    } else if (type == Map.class) {
      schema.put("type", "object").putObject("additionalProperties").put("type", "array");
    } else if (type == ModelSpec.class) {
      schema.putArray("oneOf").add(JSON.createObjectNode().put("type", "string")).add(group(type));
    } else if (type.isRecord()) {
      return group(type);
    } else if (type.isEnum()) {
      ArrayNode constants = schema.putArray("enum");
      Arrays.stream(type.getEnumConstants()).forEach(c -> constants.add(KebabCase.of((Enum<?>) c)));
    } else if (type == String.class) {
      schema.put("type", "string");
    } else if (type == boolean.class) {
      schema.put("type", "boolean");
    } else {
      number(schema, type == double.class || type == Double.class, component);
    }
    return schema;
  }

  private static void number(ObjectNode schema, boolean real, RecordComponent component) {
    schema.put("type", real ? "number" : "integer");
    Range range = component.getAnnotation(Range.class);
    if (range != null) {
      schema.put(range.above() ? "exclusiveMinimum" : "minimum", range.min());
      schema.put(range.below() ? "exclusiveMaximum" : "maximum", range.max());
    }
    OneOf values = component.getAnnotation(OneOf.class);
    if (values != null) {
      ArrayNode constants = schema.putArray("enum");
      Arrays.stream(values.value()).forEach(constants::add);
    }
  }

  private static JsonNode yaml(String text) {
    try {
      return YAML.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError("a default is valid YAML: " + text, e);
    }
  }
}
