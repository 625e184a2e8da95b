package dev.mlit.spec.text;

import java.util.Optional;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/** The rule for paths that users write: a shell makes the home directory of ~, mlit does not. */
@API(status = Status.INTERNAL)
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
