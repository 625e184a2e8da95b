package dev.mlit.spec;

import static java.util.stream.Collectors.joining;

import dev.mlit.spec.Problem.Place;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A YAML document as a tree in which every node knows its place. */
sealed interface SpecNode {
  Place place();

  /** Characters of a text that a message shows. */
  int SHOWN = 100;

  /**
   * A text, number or truth value, or nothing.
   *
   * @param value String, Long, java.math.BigInteger, Double, Boolean or null
   * @param text the value as it was written
   */
  record Scalar(Place place, @Nullable Object value, String text) implements SpecNode {}

  /** {@code [a, b]}. */
  record Sequence(Place place, List<SpecNode> items) implements SpecNode {}

  /** {@code {key: value}}, in the order of the file. */
  record Mapping(Place place, Map<String, SpecNode> entries) implements SpecNode {
    static Mapping empty(Place place) {
      return new Mapping(place, new LinkedHashMap<>());
    }
  }

  /** The node in one line of YAML; of a text what it says, without quotes. */
  default String yaml() {
    if (this instanceof Sequence sequence) {
      return sequence.items().stream().map(SpecNode::yaml).collect(joining(", ", "[", "]"));
    } else if (this instanceof Mapping mapping) {
      return mapping.entries().entrySet().stream()
          .map(entry -> entry.getKey() + ": " + entry.getValue().yaml())
          .collect(joining(", ", "{", "}"));
    }
    return ((Scalar) this).text();
  }

  /** Such as {@code "three"} or {@code a list}: for messages, cut off where it is long. */
  default String describe() {
    if (this instanceof Scalar scalar) {
      String text = scalar.text();
      String shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
      return scalar.value() instanceof String ? '"' + shown + '"' : shown;
    }
    return this instanceof Sequence ? "a list" : "a group of fields";
  }
}
