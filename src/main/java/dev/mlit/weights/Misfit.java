package dev.mlit.weights;

import java.util.List;

/** The words for a stored variable that is not as the model has it. */
final class Misfit {
  private Misfit() {}

  static String missing(String name, List<Long> expected) {
    return name + ": is missing, the model has it as " + expected;
  }

  /**
   * Of a variable of another shape or type.
   *
   * @param stored the shape, or the type and the shape, that is stored
   * @param expected the same of the model
   */
  static String other(String name, Object stored, Object expected) {
    return name + ": is " + stored + ", must be " + expected + " for the model";
  }
}
