package dev.mlit.cli;

import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.NumberRule;

/** Checks the numbers that an option may have. */
final class OptionRange {
  private OptionRange() {}

  /**
   * Checks the value of an option.
   *
   * @throws InvalidInputException if it is less than {@code least} or more than {@code most}
   */
  static void require(String option, int value, int least, int most) {
    require(option, value, NumberRule.between(least, most));
  }

  /**
   * Checks the value of an option.
   *
   * @throws InvalidInputException if the rule does not allow it
   */
  static void require(String option, Number value, NumberRule rule) {
    if (!rule.allows(value.doubleValue())) {
      throw new InvalidInputException(option + ": " + rule.broken(value));
    }
  }
}
