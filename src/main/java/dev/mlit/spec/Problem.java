package dev.mlit.spec;

import dev.mlit.spec.advice.Advice;
import java.util.List;

/**
 * One broken rule of a spec.
 *
 * @param where the file and line, such as {@code specs/models/my.yaml:4}, or the changed field,
 *     such as {@code setting training.epochs}; empty for a spec that was built in code
 * @param field the field with its path, such as {@code attention.heads}; empty for the whole
 * @param rule the value and the rule it breaks, such as {@code 8 must be divisible by
 *     attention.groups 3}
 * @param fields every field that the rule looks at, {@code field} included
 * @since 0.1.0
 */
public record Problem(String where, String field, String rule, List<String> fields) {
  public Problem {
    fields = List.copyOf(fields);
  }

  static Problem of(String field, String rule) {
    return new Problem("", field, rule, List.of(field));
  }

  Problem within(String group) {
    return new Problem(
        where, join(group, field), rule, fields.stream().map(f -> join(group, f)).toList());
  }

  private static String join(String group, String field) {
    return field.isEmpty() ? group : group + "." + field;
  }

  Problem at(String where) {
    return new Problem(where, field, rule, fields);
  }

  /** True when the rule looks at this field, at a part of it or at the group it is in. */
  boolean concerns(String other) {
    return fields.stream().anyMatch(f -> contains(f, other) || contains(other, f));
  }

  private static boolean contains(String group, String field) {
    return field.startsWith(group)
        && (field.length() == group.length() || ".[".indexOf(field.charAt(group.length())) >= 0);
  }

  /** Such as {@code my.yaml:4: attention.heads: 8 must be divisible by attention.groups 3}. */
  @Override
  public String toString() {
    return text(Advice.LIBRARY);
  }

  /** As {@link #toString}, in these words. */
  String text(Advice advice) {
    String place = Settings.key(where).map(advice::setting).orElse(where);
    return (place.isEmpty() ? "" : place + ": ") + (field.isEmpty() ? "" : field + ": ") + rule;
  }
}
