package dev.mlit.spec.text;

import java.util.Locale;

/**
 * The names of fields and constants in YAML and on the command line.
 *
 * @since 0.1.0
 */
public final class KebabCase {
  private KebabCase() {}

  /** The name of a component: {@code learningRate} is {@code learning-rate}. */
  public static String of(String camelCase) {
    return camelCase.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  /** The name of an enum's constant: {@code CLASS_TOKEN} is {@code class-token}. */
  public static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
