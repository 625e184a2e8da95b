package dev.mlit.spec.advice;

/**
 * The text of a problem, with what can be done about it in the words of an {@link Advice}.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface Message {
  /** The text in these words. */
  String text(Advice advice);

  /** A text that advises nothing. */
  static Message of(String text) {
    return advice -> text;
  }
}
