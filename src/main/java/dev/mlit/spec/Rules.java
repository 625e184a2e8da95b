package dev.mlit.spec;

import static java.util.stream.Collectors.joining;

import dev.mlit.spec.Problem.Place;
import dev.mlit.spec.field.Absent;
import dev.mlit.spec.field.Doc;
import dev.mlit.spec.field.Interval;
import dev.mlit.spec.field.OneOf;
import dev.mlit.spec.field.Range;
import dev.mlit.spec.field.Together;
import dev.mlit.spec.text.NumberRule;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Collects the broken rules of one spec: first every field by itself, from its annotations, then
 * the rules between fields. A rule that looks at a field already found broken is passed over, so it
 * may compute with its fields without guarding against a zero or an overflow.
 */
final class Rules {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  private final List<Problem> problems = new ArrayList<>();

  /** Checks every field of a record and of the records and lists in it. */
  static Rules of(Record spec) {
    Rules rules = new Rules();
    rules.fields(spec, "");
    return rules;
  }

  /**
   * Adds a problem unless the rule holds.
   *
   * @param field the field to blame
   * @param rule the value and the rule, such as {@code 8 must be divisible by attention.groups 3}
   * @param others the other fields that the rule looks at
   */
  Rules require(BooleanSupplier holds, String field, String rule, String... others) {
    List<String> fields = new ArrayList<>(List.of(field));
    fields.addAll(Arrays.asList(others));
    boolean computable =
        fields.stream().noneMatch(f -> problems.stream().anyMatch(p -> breaks(p, f)));
    if (computable && !holds.getAsBoolean()) {
      problems.add(new Problem(Place.NONE, field, rule, fields));
    }
    return this;
  }

  /**
   * Throws if a rule is broken.
   *
   * @throws InvalidSpecException with all problems
   */
  void verify() {
    if (!problems.isEmpty()) {
      throw new InvalidSpecException(problems);
    }
  }

  /** A problem of a single field leaves nothing to compute with; a rule between fields does. */
  private static boolean breaks(Problem problem, String field) {
    return problem.fields().size() == 1 && problem.concerns(field);
  }

  private void fields(Record spec, String group) {
    for (RecordComponent component : spec.getClass().getRecordComponents()) {
      Object value = Fields.get(spec, component);
      String field = group + Fields.key(component);
      field(component, value, field);
      absent(spec, component, value, field);
      together(spec, component, value, field);
    }
  }

  private void absent(
      Record spec, RecordComponent component, @Nullable Object value, String field) {
    Absent absent = component.getAnnotation(Absent.class);
    if (absent == null) {
      return;
    }
    String other = absent.whereThereIs();
    boolean isOther = Fields.get(spec, other) != null;
    if (Fields.isAbsent(component, value) && !isOther) {
      add(field, required(component));
    } else if (!Fields.isAbsent(component, value) && isOther) {
      String rule = value + " must be left out where there is a " + other;
      problems.add(new Problem(Place.NONE, field, rule, List.of(field, other)));
    }
  }

  private void together(
      Record spec, RecordComponent component, @Nullable Object value, String field) {
    Together together = component.getAnnotation(Together.class);
    if (together != null && value == null && Fields.get(spec, together.with()) != null) {
      add(field, required(component) + " where there is a " + together.with());
    }
  }

  /** What is said of a field that is missing. */
  static String required(RecordComponent component) {
    Doc doc = component.getAnnotation(Doc.class);
    return "is required" + (doc == null ? "" : " (" + doc.value() + ")");
  }

  private void field(RecordComponent component, @Nullable Object value, String field) {
    if (value instanceof List<?> list) {
      int before = problems.size();
      for (int i = 0; i < list.size(); i++) {
        field(component, list.get(i), field + "[" + i + "]");
      }
      if (component.isAnnotationPresent(Interval.class) && problems.size() == before) {
        interval(list, field);
      }
    } else if (value instanceof Number number && !Fields.isAbsent(component, number)) {
      number(component, number, field);
    } else if (value instanceof String text && component.getName().equals("name")) {
      if (!NAME.matcher(text).matches()) {
        add(
            field,
            '"'
                + text
                + "\" must be 1 to 100 letters, digits, '.', '_' or '-',"
                + " the first a letter or a digit");
      }
    } else if (value instanceof String text && text.isBlank()) {
      add(field, '"' + text + "\" must not be empty");
    } else if (value instanceof Record group && !Fields.isSpec(group.getClass())) {
      fields(group, field + ".");
    }
  }

  private void interval(List<?> ends, String field) {
    boolean rising =
        ends.size() == 2
            && ends.get(0) instanceof Double low
            && ends.get(1) instanceof Double high
            && low <= high;
    if (!rising) {
      String written =
          ends.stream().map(end -> NumberRule.text((Number) end)).collect(joining(", ", "[", "]"));
      add(field, written + " must be two numbers, the lower first");
    }
  }

  private void number(RecordComponent component, Number number, String field) {
    Range range = component.getAnnotation(Range.class);
    if (range != null) {
      NumberRule rule = rule(range);
      if (!rule.allows(number.doubleValue())) {
        add(field, rule.broken(number));
      }
    }
    OneOf values = component.getAnnotation(OneOf.class);
    if (values != null && Arrays.stream(values.value()).noneMatch(v -> v == number.intValue())) {
      add(field, number + " must be " + numbers(component));
    }
  }

  private void add(String field, String rule) {
    problems.add(Problem.of(field, rule));
  }

  /** The numbers that a field may have, such as {@code at least 1 and at most 4096}. */
  static String numbers(RecordComponent component) {
    OneOf values = component.getAnnotation(OneOf.class);
    if (values != null) {
      return Arrays.stream(values.value()).mapToObj(String::valueOf).collect(joining(" or "));
    }
    Range range = component.getAnnotation(Range.class);
    if (range == null) {
      return "at least -2^63 and below 2^63";
    }
    return rule(range).toString();
  }

  private static NumberRule rule(Range range) {
    return new NumberRule(range.min(), range.max(), range.above(), range.below());
  }
}
