package dev.mlit.spec;

import dev.mlit.spec.field.Range;
import dev.mlit.spec.text.NumberRule;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A number of a spec, the ends of its range, and specs that are valid but for this number.
 *
 * @param field the number, such as {@code attention.heads}
 * @param lowestValue the lowest number that is accepted
 * @param highestValue the highest number that is accepted
 * @param belowValue the next number below
 * @param aboveValue the next number above
 * @param rule what a refusal says about the range
 * @param build makes a spec with a value of this number
 */
record NumberRange(
    String field,
    Number lowestValue,
    Number highestValue,
    Number belowValue,
    Number aboveValue,
    String rule,
    SpecOf build) {

  /** Makes a spec with a value of one number. */
  @FunctionalInterface
  interface SpecOf {
    Record of(Number value);
  }

  /** A whole number. */
  static NumberRange whole(
      String field, int lowest, int highest, IntFunction<Supplier<? extends Record>> spec) {
    return new NumberRange(
        field,
        lowest,
        highest,
        lowest - 1,
        highest + 1,
        "at least " + lowest + " and at most " + highest,
        value -> spec.apply(value.intValue()).get());
  }

  /** A real number. */
  static NumberRange real(
      String field,
      double lowest,
      double highest,
      DoubleFunction<Supplier<? extends Record>> spec) {
    return new NumberRange(
        field,
        lowest,
        highest,
        Math.nextDown(lowest),
        Math.nextUp(highest),
        "at least " + NumberRule.text(lowest) + " and at most " + NumberRule.text(highest),
        value -> spec.apply(value.doubleValue()).get());
  }

  /** The same range, its lowest number not part of it. */
  NumberRange withoutLowest() {
    double lowest = lowestValue.doubleValue();
    return new NumberRange(
        field,
        Math.nextUp(lowest),
        highestValue,
        lowest,
        aboveValue,
        rule.replace("at least", "above"),
        build);
  }

  /** The same range, its highest number not part of it. */
  NumberRange withoutHighest() {
    double highest = highestValue.doubleValue();
    return new NumberRange(
        field,
        lowestValue,
        Math.nextDown(highest),
        belowValue,
        highest,
        rule.replace("at most", "below"),
        build);
  }

  /** The same range; numbers from this one to the lowest, left out, mean something else. */
  NumberRange belowFrom(int value) {
    return new NumberRange(field, lowestValue, highestValue, value, aboveValue, rule, build);
  }

  Record lowest() {
    return build.of(lowestValue);
  }

  Record highest() {
    return build.of(highestValue);
  }

  Record below() {
    return build.of(belowValue);
  }

  Record above() {
    return build.of(aboveValue);
  }

  String messageBelow() {
    return message(belowValue);
  }

  String messageAbove() {
    return message(aboveValue);
  }

  private String message(Number value) {
    String text = value.toString().replaceFirst("\\.0$", "");
    return field + ": " + text + " must be " + rule;
  }

  /** The numbers of a spec that have a range, {@code [0]} for those in lists. */
  static List<String> fieldsWithRange(Class<?> spec) {
    return fieldsWithRange(spec, "").toList();
  }

  private static Stream<String> fieldsWithRange(Class<?> type, String group) {
    return Stream.of(type.getRecordComponents()).flatMap(c -> fieldsWithRange(c, group));
  }

  private static Stream<String> fieldsWithRange(RecordComponent component, String group) {
    boolean list = component.getType() == List.class;
    Class<?> type = list ? Fields.item(component) : component.getType();
    String field = group + Fields.key(component) + (list ? "[0]" : "");
    if (type.isRecord() && !Fields.isSpec(type)) {
      return fieldsWithRange(type, field + ".");
    }
    return component.isAnnotationPresent(Range.class) ? Stream.of(field) : Stream.empty();
  }

  @Override
  public String toString() {
    return field + " " + rule;
  }
}
