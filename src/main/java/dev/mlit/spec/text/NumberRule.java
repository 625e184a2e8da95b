package dev.mlit.spec.text;

/**
 * The numbers that a value may be, and the words for it.
 *
 * @param min the least
 * @param max the most
 * @param above whether {@code min} itself is not allowed
 * @param below whether {@code max} itself is not allowed
 * @since 0.1.0
 */
public record NumberRule(double min, double max, boolean above, boolean below) {
  /** A share of something, of which a part is left: above 0 and below 1. */
  public static final NumberRule PART = new NumberRule(0, 1, true, true);

  /** This number or more. */
  public static NumberRule atLeast(long least) {
    return new NumberRule(least, Double.POSITIVE_INFINITY, false, false);
  }

  /** From one number to another, both included. */
  public static NumberRule between(long least, long most) {
    return new NumberRule(least, most, false, false);
  }

  /** Whether a number is allowed; NaN never is. */
  public boolean allows(double value) {
    return (above ? value > min : value >= min) && (below ? value < max : value <= max);
  }

  /** The value and the rule, such as {@code 0 must be at least 1 and at most 4096}. */
  public String broken(Number value) {
    return text(value) + " must be " + this;
  }

  /**
   * Checks an argument.
   *
   * @param name of the argument, which begins the message
   * @return the value
   * @throws IllegalArgumentException if the value is not allowed
   */
  public <N extends Number> N require(String name, N value) {
    if (!allows(value.doubleValue())) {
      throw new IllegalArgumentException(name + " " + broken(value));
    }
    return value;
  }

  /** A number without a needless ".0". */
  public static String text(Number number) {
    double value = number.doubleValue();
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? String.valueOf(number.longValue())
        : String.valueOf(number);
  }

  /** Such as {@code at least 1 and at most 4096}. */
  @Override
  public String toString() {
    String least = (above ? "above " : "at least ") + text(min);
    return max == Double.POSITIVE_INFINITY
        ? least
        : least + (below ? " and below " : " and at most ") + text(max);
  }
}
