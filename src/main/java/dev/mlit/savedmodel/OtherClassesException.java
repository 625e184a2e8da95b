package dev.mlit.savedmodel;

import dev.mlit.spec.InvalidInputException;

/**
 * A dataset has classes that a model does not know by their names.
 *
 * @since 0.1.0
 */
public final class OtherClassesException extends InvalidInputException {
  private static final long serialVersionUID = 1;

  OtherClassesException(String message) {
    super(message);
  }
}
