package dev.mlit.spec;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.mlit.spec.Problem.Place;
import dev.mlit.spec.SpecNode.Mapping;
import dev.mlit.spec.SpecNode.Scalar;
import dev.mlit.spec.SpecNode.Sequence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** Reads YAML into a tree with places; what is no YAML, or says a key twice, is refused. */
final class YamlReader {
  private static final YAMLFactory YAML = new YAMLFactory();
  private static final int DEEPEST = 20;

  private final YAMLParser parser;
  private final Place origin;
  private final boolean lines;
  private int depth;

  private YamlReader(YAMLParser parser, Place origin, boolean lines) {
    this.parser = parser;
    this.origin = origin;
    this.lines = lines;
  }

  /**
   * Reads a document.
   *
   * @param source the file's name, for messages
   * @throws InvalidSpecException if the text is no YAML document with a group of fields
   */
  static Mapping document(String text, String source) {
    SpecNode node = read(text, Place.of(source, 0), true);
    if (node instanceof Mapping mapping) {
      return mapping;
    }
    throw refuse(
        node.place(), "a spec must be a group of fields (key: value), not " + describe(node));
  }

  /** Reads a value given outside a file, such as that of {@code training.epochs=3}. */
  static SpecNode value(String text, Place place) {
    return read(text, place, false);
  }

  private static SpecNode read(String text, Place origin, boolean lines) {
    try (YAMLParser parser = YAML.createParser(text)) {
      YamlReader reader = new YamlReader(parser, origin, lines);
      if (parser.nextToken() == null) {
        return new Scalar(reader.at(1), null, "");
      }
      SpecNode node = reader.node(reader.place());
      if (parser.nextToken() != null) {
        throw refuse(reader.place(), "only one YAML document is allowed");
      }
      return node;
    } catch (JsonProcessingException e) {
      throw invalid(e, origin, lines);
    } catch (IOException e) {
      throw new AssertionError("reading from a string", e);
    }
  }

  private SpecNode node(Place place) throws IOException {
    if (parser.isCurrentAlias() || parser.getObjectId() != null) {
      throw refuse(place, "anchors and aliases (& and *) are not supported: write the value out");
    }
    if (++depth > DEEPEST) {
      throw refuse(place, "nested deeper than " + DEEPEST);
    }
    JsonToken token = parser.currentToken();
    SpecNode node =
        switch (token) {
          case START_OBJECT -> mapping(place);
          case START_ARRAY -> sequence(place);
          case VALUE_NUMBER_INT -> new Scalar(place, parser.getNumberValue(), parser.getText());
          case VALUE_NUMBER_FLOAT -> new Scalar(place, parser.getDoubleValue(), parser.getText());
          case VALUE_TRUE -> new Scalar(place, true, "true");
          case VALUE_FALSE -> new Scalar(place, false, "false");
          case VALUE_NULL -> new Scalar(place, null, "null");
          default -> new Scalar(place, parser.getText(), parser.getText());
        };
    depth--;
    return node;
  }

  private Mapping mapping(Place place) throws IOException {
    Map<String, SpecNode> entries = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      Place keyPlace = place();
      parser.nextToken();
      if (entries.put(key, node(keyPlace)) != null) {
        throw refuse(keyPlace, key + ": is given twice");
      }
    }
    return new Mapping(place, entries);
  }

  private Sequence sequence(Place place) throws IOException {
    List<SpecNode> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(node(place()));
    }
    return new Sequence(place, items);
  }

  /** What is wrong and where; of the parser's own text only this, it also draws the line. */
  private static InvalidSpecException invalid(
      JsonProcessingException e, Place origin, boolean lines) {
    JsonLocation at = e.getLocation();
    int line = at == null ? 0 : at.getLineNr();
    String problem = e.getOriginalMessage().lines().findFirst().orElse("?");
    if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
      line = marked.getProblemMark().getLine() + 1;
      problem = marked.getProblem();
    }
    return refuse(lines ? Place.of(origin.source(), line) : origin, "not valid YAML: " + problem);
  }

  private Place place() {
    return at(parser.currentTokenLocation().getLineNr());
  }

  private Place at(int line) {
    return lines ? Place.of(origin.source(), line) : origin;
  }

  private static String describe(SpecNode node) {
    return node instanceof Scalar scalar && scalar.value() == null ? "empty" : node.describe();
  }

  private static InvalidSpecException refuse(Place place, String rule) {
    return new InvalidSpecException(List.of(Problem.of("", rule).at(place)));
  }
}
