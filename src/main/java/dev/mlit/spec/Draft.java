package dev.mlit.spec;

import dev.mlit.spec.text.KebabCase;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a record while a builder collects them, each called as its component. A field is
 * set once: where it is set again to another value, one of the two is a mistake, and the builder
 * refuses it. What a draft starts from, a finished record or the defaults, is not yet set.
 */
final class Draft<T extends Record> {
  private final Class<T> type;
  private final String path;
  private final boolean startsFromARecord;
  private final Map<String, @Nullable Object> values = new LinkedHashMap<>();
  private final Set<String> set = new HashSet<>();

  /**
   * A draft with no field set.
   *
   * @param path what messages put before a field, such as {@code training}; empty for a whole spec
   * @param start the values to start from; null for the defaults, and no value where there is none
   */
  Draft(Class<T> type, String path, @Nullable T start) {
    this.type = type;
    this.path = path;
    this.startsFromARecord = start != null;
    for (RecordComponent component : type.getRecordComponents()) {
      values.put(
          component.getName(),
          start == null ? SpecBinder.initial(component) : Fields.get(start, component));
    }
  }

  /** A group of fields with every field at its default. */
  static <G extends Record> G defaults(Class<G> group) {
    return new Draft<>(group, "", null).part();
  }

  /** A draft of a group of fields, from the value that this draft has for it. */
  <G extends Record> Draft<G> group(String field, Class<G> group) {
    return new Draft<>(group, path(field), get(field, group));
  }

  /** The value of a field; null where it has none. */
  <V> @Nullable V get(String field, Class<V> valueType) {
    return valueType.cast(values.get(known(field)));
  }

  /**
   * Sets a field.
   *
   * @throws IllegalStateException if it was set to another value before
   */
  Draft<T> set(String field, @Nullable Object value) {
    if (set.contains(known(field))) {
      requireSame(path(field), values.get(field), value);
    }
    return replace(field, value);
  }

  /** Sets a field, whatever it was before. */
  Draft<T> replace(String field, @Nullable Object value) {
    set.add(known(field));
    values.put(field, value);
    return this;
  }

  /** Adds an item to a list; the first one takes the place of a default. */
  Draft<T> add(String field, Object item) {
    boolean isDefault = !startsFromARecord && !set.contains(field);
    List<Object> items = new ArrayList<>();
    if (!isDefault && values.get(field) instanceof List<?> before) {
      items.addAll(before);
    }
    items.add(item);
    return replace(field, List.copyOf(items));
  }

  /** Puts every field that was not set, whatever it started from, at its default. */
  Draft<T> withDefaults() {
    for (RecordComponent component : type.getRecordComponents()) {
      if (!set.contains(component.getName())) {
        values.put(component.getName(), SpecBinder.initial(component));
      }
    }
    return this;
  }

  /** The record, as a part of a spec that checks its rules. */
  T part() {
    return Fields.create(type, values.values().toArray());
  }

  /**
   * The record, as a whole spec.
   *
   * @throws InvalidSpecException with all broken rules, missing fields among them
   */
  T spec() {
    return SpecBinder.build(type, values.values().toArray());
  }

  private String path(String field) {
    return (path.isEmpty() ? "" : path + ".") + KebabCase.of(field);
  }

  private String known(String field) {
    if (!values.containsKey(field)) {
      throw new IllegalArgumentException(type + " has no " + field);
    }
    return field;
  }

  /**
   * Refuses to set a field to another value than before.
   *
   * @throws IllegalStateException that names the first field which differs, and both values
   */
  static void requireSame(String field, @Nullable Object before, @Nullable Object now) {
    SpecChange.between(field, before, now).stream()
        .findFirst()
        .ifPresent(
            change -> {
              throw new IllegalStateException(
                  change.field()
                      + ": set to "
                      + SpecChange.text(change.before())
                      + " before, and now to "
                      + SpecChange.text(change.after())
                      + "; a builder's field is set once, toBuilder() changes a finished spec");
            });
  }
}
