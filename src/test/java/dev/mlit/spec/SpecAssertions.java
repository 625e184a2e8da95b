package dev.mlit.spec;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What the tests of specs say often. */
final class SpecAssertions {
  private SpecAssertions() {}

  /** Asserts that exactly these problems are reported, in this order. */
  static void assertRefused(ThrowingCallable call, String... problems) {
    assertThatExceptionOfType(InvalidSpecException.class)
        .isThrownBy(call)
        .withMessage("%s", String.join("\n", problems));
  }
}
