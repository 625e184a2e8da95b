package dev.mlit.spec.advice;

/**
 * An exception whose message may say what to do next. {@link Throwable#getMessage} names calls of
 * the library; a program with a command line of its own shows {@link #message} instead.
 *
 * @since 0.1.0
 */
public interface Advised {
  /** The message in these words. */
  String message(Advice advice);
}
