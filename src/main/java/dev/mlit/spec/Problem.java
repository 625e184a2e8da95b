package dev.mlit.spec;

import dev.mlit.spec.advice.Advice;
import java.util.List;

/**
 * One broken rule of a spec.
 *
 * @param place where the field was written
 * @param field the field with its path, such as {@code attention.heads}; empty for the whole
 * @param rule the value and the rule it breaks, such as {@code 8 must be divisible by
 *     attention.groups 3}
 * @param fields every field that the rule looks at, {@code field} included
 * @since 0.1.0
 */
public record Problem(Place place, String field, String rule, List<String> fields) {
  /**
   * Where a value was written: a line of a file, or a setting that changed the spec after its file
   * was read.
   *
   * @param source the file, or the field that was set; empty for a spec that was built in code
   * @param line counted from 1; 0 where there are no lines
   * @param isSetting whether {@code source} is a field that was set
   */
  public record Place(String source, int line, boolean isSetting) {
    /** The place of everything in a spec that was built in code. */
    public static final Place NONE = new Place("", 0, false);

    /** A line of a file; 0 for the whole. */
    static Place of(String file, int line) {
      return new Place(file, line, false);
    }

    /** A setting of this field. */
    static Place setting(String field) {
      return new Place(field, 0, true);
    }

    /** Such as {@code my.yaml:4}, or {@code setting training.epochs}. */
    @Override
    public String toString() {
      return text(Advice.LIBRARY);
    }

    /** As {@link #toString}, in these words. */
    String text(Advice advice) {
      if (isSetting) {
        return advice.setting(source);
      }
      return line == 0 ? source : source + ":" + line;
    }
  }

  public Problem {
    fields = List.copyOf(fields);
  }

  static Problem of(String field, String rule) {
    return new Problem(Place.NONE, field, rule, List.of(field));
  }

  Problem within(String group) {
    return new Problem(
        place, join(group, field), rule, fields.stream().map(f -> join(group, f)).toList());
  }

  private static String join(String group, String field) {
    return field.isEmpty() ? group : group + "." + field;
  }

  Problem at(Place place) {
    return new Problem(place, field, rule, fields);
  }

  /**
   * The place as text: the file and line, such as {@code specs/models/my.yaml:4}, or the changed
   * field, such as {@code setting training.epochs}; empty for a spec that was built in code.
   */
  public String where() {
    return place.toString();
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
    String written = place.text(advice);
    return (written.isEmpty() ? "" : written + ": ") + (field.isEmpty() ? "" : field + ": ") + rule;
  }
}
