package dev.mlit.spec.text;

import java.util.Optional;

/**
 * Refuses paths that begin with ~, which a shell replaces by the home directory and mlit does not.
 *
 * @since 0.1.0
 */
public final class HomePath {
  private HomePath() {}

  /** What is wrong with a path that begins with the home directory; empty if it does not. */
  public static Optional<String> problem(String path) {
    return path.equals("~") || path.startsWith("~/")
        ? Optional.of(
            path + " must be written out: ~ means nothing here (./~ if a folder is called so)")
        : Optional.empty();
  }
}
