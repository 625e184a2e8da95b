package dev.mlit.spec;

import static java.util.stream.Collectors.joining;

import dev.mlit.spec.Problem.Place;
import dev.mlit.spec.SpecNode.Mapping;
import dev.mlit.spec.SpecNode.Scalar;
import dev.mlit.spec.SpecNode.Sequence;
import dev.mlit.spec.field.Absent;
import dev.mlit.spec.field.Default;
import dev.mlit.spec.text.KebabCase;
import dev.mlit.spec.text.Printable;
import java.lang.reflect.RecordComponent;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a spec from a tree of YAML, or from a builder's fields, and finds every problem at once.
 *
 * <p>What cannot be read (a wrong type, a missing field) is noted and replaced by a placeholder, so
 * that the spec's own rules can still look at the rest; of what they find, only problems that do
 * not concern a placeholder are kept.
 */
final class SpecBinder {
  /** Turns the text of a {@code model:} field, a path or a preset's name, into its fields. */
  @FunctionalInterface
  interface ModelResolver {
    /**
     * Finds a model.
     *
     * @throws InvalidInputException if there is none
     */
    Mapping resolve(String pathOrPreset);
  }

  private final ModelResolver models;
  private final List<Problem> problems = new ArrayList<>();
  private final Map<String, Place> places = new HashMap<>();

  private SpecBinder(ModelResolver models) {
    this.models = models;
  }

  /**
   * Makes a spec from a tree.
   *
   * @throws InvalidSpecException with every problem of the tree, in the order of its lines
   */
  static <T extends Record> T read(Mapping tree, Class<T> type, ModelResolver models) {
    SpecBinder binder = new SpecBinder(models);
    return binder.complete(type, binder.values(tree, type, ""));
  }

  /**
   * Makes a spec from a builder's fields in the order of the record; null for one that was not set.
   *
   * @throws InvalidSpecException with every problem
   */
  static <T extends Record> T build(Class<T> type, @Nullable Object... values) {
    SpecBinder binder = new SpecBinder(SpecBinder::noFile);
    RecordComponent[] components = type.getRecordComponents();
    for (int i = 0; i < values.length; i++) {
      if (values[i] == null && !Fields.isOptional(components[i])) {
        values[i] = binder.missing(components[i], Fields.key(components[i]));
      }
    }
    T spec = binder.complete(type, values);
    List<Problem> texts = Texts.problems(spec);
    if (!texts.isEmpty()) {
      throw new InvalidSpecException(texts);
    }
    return spec;
  }

  private static Mapping noFile(String path) {
    throw new InvalidInputException(path + ": no file can be read here");
  }

  private <T extends Record> T complete(Class<T> type, @Nullable Object[] values) {
    List<Problem> found = List.copyOf(problems);
    T spec = null;
    try {
      spec = Fields.create(type, values);
    } catch (InvalidSpecException e) {
      e.problems().stream()
          .filter(p -> found.stream().noneMatch(f -> p.concerns(f.field())))
          .map(p -> p.place().equals(Place.NONE) ? p.at(place(p.field())) : p)
          .forEach(problems::add);
    }
    if (spec == null || !problems.isEmpty()) {
      problems.sort(Comparator.comparingInt(p -> place(p.field()).line()));
      throw new InvalidSpecException(problems);
    }
    return spec;
  }

  /** The values of a group's fields, in the order of the record. */
  private @Nullable Object[] values(Mapping tree, Class<?> type, String group) {
    Map<String, SpecNode> rest = new LinkedHashMap<>(tree.entries());
    RecordComponent[] components = type.getRecordComponents();
    @Nullable Object[] values = new @Nullable Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String field = group + Fields.key(components[i]);
      SpecNode node = rest.remove(Fields.key(components[i]));
      places.put(field, node == null ? tree.place() : node.place());
      values[i] =
          node == null || isNothing(node)
              ? absent(components[i], field)
              : value(node, components[i].getType(), components[i], field);
    }
    rest.forEach((key, node) -> unknown(node, type, group, key));
    return values;
  }

  private static boolean isNothing(SpecNode node) {
    return node instanceof Scalar scalar && scalar.value() == null;
  }

  /** The value of a field that nobody gives: its default; null where it has none. */
  static @Nullable Object initial(RecordComponent component) {
    Default value = component.getAnnotation(Default.class);
    if (value != null) {
      SpecNode node = YamlReader.value(value.value(), Place.of("default", 0));
      String field = Fields.key(component);
      return new SpecBinder(SpecBinder::noFile).value(node, component.getType(), component, field);
    }
    Absent absent = component.getAnnotation(Absent.class);
    return absent == null ? null : absent.value();
  }

  private @Nullable Object absent(RecordComponent component, String field) {
    Object value = initial(component);
    return value != null || Fields.isOptional(component) ? value : missing(component, field);
  }

  private Object missing(RecordComponent component, String field) {
    add(field, Rules.required(component));
    return placeholder(component.getType());
  }

  private void unknown(SpecNode node, Class<?> type, String group, String key) {
    List<String> known =
        Arrays.stream(type.getRecordComponents()).map(Fields::key).sorted().toList();
    places.put(group + key, node.place());
    add(
        group + key,
        "unknown field; "
            + SettingKeys.didYouMean(type, key, known)
            + "Known here: "
            + String.join(", ", known));
  }

  private Object value(SpecNode node, Class<?> type, RecordComponent component, String field) {
    places.put(field, node.place());
    Object value = node instanceof Scalar scalar ? scalar.value() : null;
    if (type == ModelSpec.class) {
      return model(node, field);
    } else if (type == List.class) {
      return list(node, component, field);
    } else if (type == Map.class) {
      return lists(node, field);
    } else if (type.isRecord()) {
      return node instanceof Mapping mapping
          ? Fields.create(type, values(mapping, type, field + "."))
          : wrong(node, "a group of fields", type, field);
    } else if (type == int.class || type == Integer.class) {
      return value instanceof Integer ? value : wrong(node, whole(value, component), type, field);
    } else if (type == long.class) {
      return value instanceof Integer || value instanceof Long
          ? ((Number) value).longValue()
          : wrong(node, whole(value, component), type, field);
    } else if (type == double.class || type == Double.class) {
      return value instanceof Number number
          ? number.doubleValue()
          : wrong(node, "a number", type, field);
    } else if (type == boolean.class) {
      return value instanceof Boolean ? value : wrong(node, "true or false", type, field);
    } else if (type.isEnum()) {
      return constant(node, type, field);
    } else if (type == String.class) {
      return value instanceof String text && Printable.isLine(text)
          ? value
          : wrong(
              node,
              value instanceof String
                  ? "one line of text without control characters"
                  : "text (in quotes if it looks like a number)",
              type,
              field);
    }
    throw new AssertionError(type + " is no type of a spec");
  }

  /** What a field for whole numbers expects; of a number too long for it, its range. */
  private static String whole(@Nullable Object value, RecordComponent component) {
    return value instanceof Long || value instanceof BigInteger
        ? Rules.numbers(component)
        : "a whole number";
  }

  private Object constant(SpecNode node, Class<?> type, String field) {
    List<Enum<?>> constants =
        Stream.of(type.getEnumConstants()).<Enum<?>>map(c -> (Enum<?>) c).toList();
    for (Enum<?> constant : constants) {
      if (node instanceof Scalar scalar && KebabCase.of(constant).equals(scalar.text())) {
        return constant;
      }
    }
    String known = constants.stream().map(KebabCase::of).collect(joining(" or "));
    return wrong(node, known, type, field);
  }

  private Object list(SpecNode node, RecordComponent component, String field) {
    if (!(node instanceof Sequence sequence)) {
      return wrong(node, "a list", List.class, field);
    }
    List<Object> items = new ArrayList<>();
    for (SpecNode item : sequence.items()) {
      items.add(value(item, Fields.item(component), component, field + "[" + items.size() + "]"));
    }
    return items;
  }

  /** Lists by names that are not known here, such as those of another spec's fields. */
  private Object lists(SpecNode node, String field) {
    if (!(node instanceof Mapping mapping)) {
      return wrong(node, "a group of lists", Map.class, field);
    }
    Map<String, List<String>> lists = new LinkedHashMap<>();
    mapping
        .entries()
        .forEach(
            (key, values) -> {
              String place = field + "." + key;
              places.put(place, values.place());
              if (values instanceof Sequence sequence) {
                lists.put(key, sequence.items().stream().map(SpecNode::yaml).toList());
              } else {
                add(place, values.describe() + " must be a list");
              }
            });
    return lists;
  }

  /** A model is written out, or named by a path or as a preset. */
  private Object model(SpecNode node, String field) {
    try {
      if (node instanceof Mapping mapping) {
        return read(mapping, ModelSpec.class, models);
      } else if (node instanceof Scalar scalar && scalar.value() instanceof String text) {
        return read(models.resolve(text), ModelSpec.class, models);
      }
      return wrong(node, "a path, a preset's name or a model's fields", ModelSpec.class, field);
    } catch (InvalidSpecException e) {
      e.problems().forEach(p -> problems.add(p.within(field)));
    } catch (InvalidInputException e) {
      add(field, String.valueOf(e.getMessage()));
    }
    return placeholder(ModelSpec.class);
  }

  private Object wrong(SpecNode node, String expected, Class<?> type, String field) {
    add(field, node.describe() + " must be " + expected);
    return placeholder(type);
  }

  private void add(String field, String rule) {
    problems.add(Problem.of(field, rule).at(place(field)));
  }

  /** The place of a field, or of the nearest group around it that was written. */
  private Place place(String field) {
    for (int end = field.length(); end >= 0; ) {
      Place place = places.get(field.substring(0, end));
      if (place != null) {
        return place;
      }
      end = Math.max(field.lastIndexOf('.', end - 1), field.lastIndexOf('[', end - 1));
    }
    return Place.NONE;
  }

  /** Some value of the type that no rule stumbles over; it never leaves this class. */
  private static Object placeholder(Class<?> type) {
    if (type == ModelSpec.class) {
      return Presets.mlitXxs();
    } else if (type == List.class) {
      return List.of();
    } else if (type == Map.class) {
      return Map.of();
    } else if (type.isRecord()) {
      return Fields.create(
          type,
          Arrays.stream(type.getRecordComponents()).map(c -> placeholder(c.getType())).toArray());
    } else if (type.isEnum()) {
      return type.getEnumConstants()[0];
    } else if (type == double.class || type == Double.class) {
      return 1.0;
    } else if (type == int.class || type == Integer.class) {
      return 1;
    } else if (type == long.class) {
      return 1L;
    }
    return type == boolean.class ? false : "placeholder";
  }
}
