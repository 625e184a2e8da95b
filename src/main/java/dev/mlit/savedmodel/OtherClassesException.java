package dev.mlit.savedmodel;

import dev.mlit.spec.InvalidInputException;

/** A dataset has classes that a model does not know by their names. */
public final class OtherClassesException extends InvalidInputException {
  private static final long serialVersionUID = 1;

  OtherClassesException(String message) {
    super(message);
  }
}
