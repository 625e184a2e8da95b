package dev.mlit.spec;

import dev.mlit.spec.text.Printable;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rule for all texts of a spec: what is built in code can be written as YAML and read again,
 * which takes one line without control characters.
 */
final class Texts {
  private Texts() {}

  /** The texts of a spec, and of its groups and lists, that break the rule. */
  static List<Problem> problems(Record spec) {
    List<Problem> problems = new ArrayList<>();
    fields(spec, "", problems);
    return problems;
  }

  private static void fields(Record group, String place, List<Problem> problems) {
    for (RecordComponent component : group.getClass().getRecordComponents()) {
      String key = Fields.key(component);
      value(Fields.get(group, component), place.isEmpty() ? key : place + "." + key, problems);
    }
  }

  private static void value(@Nullable Object value, String place, List<Problem> problems) {
    if (value instanceof String text && !Printable.isLine(text)) {
      problems.add(Problem.of(place, Printable.line(text) + " " + Printable.RULE));
    } else if (value instanceof Record group) {
      fields(group, place, problems);
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        value(list.get(i), place + "[" + i + "]", problems);
      }
    }
  }
}
