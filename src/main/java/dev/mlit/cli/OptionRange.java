package dev.mlit.cli;

import dev.mlit.spec.InvalidInputException;

/** Whole numbers that an option may have. */
final class OptionRange {
  private OptionRange() {}

  /**
   * Checks the value of an option.
   *
   * @throws InvalidInputException if it is less than {@code least} or more than {@code most}
   */
  static void require(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new InvalidInputException(
          option + ": " + value + " must be at least " + least + " and at most " + most);
    }
  }
}
