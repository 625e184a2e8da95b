package dev.mlit.spec;

import dev.mlit.spec.text.KebabCase;
import dev.mlit.spec.text.NumberRule;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;
import org.jspecify.annotations.Nullable;

/**
 * A field that two specs differ in.
 *
 * @param field such as {@code training.batch} or {@code model.stages[1].experts}
 * @param before its value in the first spec, as in YAML; empty if it has none
 * @param after its value in the second spec
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public record SpecChange(String field, String before, String after) {

  /** Every field that two runs differ in, defaults included, in alphabetical order. */
  public static List<SpecChange> between(RunSpec before, RunSpec after) {
    return between("", before, after);
  }

  /** Every field that two models differ in; as {@link #between(RunSpec, RunSpec)}. */
  public static List<SpecChange> between(ModelSpec before, ModelSpec after) {
    return between("", before, after);
  }

  /** Every field that two values of a field differ in, the field itself included. */
  static List<SpecChange> between(String field, @Nullable Object before, @Nullable Object after) {
    Map<String, String> first = new LinkedHashMap<>();
    Map<String, String> second = new LinkedHashMap<>();
    collect(field, before, first);
    collect(field, after, second);
    Set<String> fields = new TreeSet<>(second.keySet());
    fields.addAll(first.keySet());
    List<SpecChange> changes = new ArrayList<>();
    for (String each : fields) {
      SpecChange change =
          new SpecChange(each, first.getOrDefault(each, ""), second.getOrDefault(each, ""));
      if (!change.before.equals(change.after)) {
        changes.add(change);
      }
    }
    return changes;
  }

  /** Every field of a run that has a value, and the value as in YAML, in the order of the spec. */
  public static Map<String, String> fields(RunSpec run) {
    Map<String, String> fields = new LinkedHashMap<>();
    collect("", run, fields);
    return fields;
  }

  private static void collect(String field, @Nullable Object value, Map<String, String> into) {
    if (value instanceof Record group) {
      for (RecordComponent component : group.getClass().getRecordComponents()) {
        String key = Fields.key(component);
        collect(field.isEmpty() ? key : field + "." + key, Fields.get(group, component), into);
      }
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        collect(field + "[" + i + "]", list.get(i), into);
      }
    } else if (value instanceof Number number) {
      into.put(field, NumberRule.text(number));
    } else if (value instanceof Enum<?> constant) {
      into.put(field, KebabCase.of(constant));
    } else if (value != null) {
      into.put(field, value.toString());
    }
  }

  /** Such as {@code training.batch: 64 before, 32 now}. */
  @Override
  public String toString() {
    return field + ": " + text(before) + " before, " + text(after) + " now";
  }

  /** A value for a message: that of a field that is not there is {@code nothing}. */
  public static String text(String value) {
    return value.isEmpty() ? "nothing" : value;
  }
}
