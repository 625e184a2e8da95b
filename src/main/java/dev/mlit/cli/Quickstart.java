package dev.mlit.cli;

import java.nio.file.Path;

/** The run of a command that is given none. */
final class Quickstart {
  private static final Path RUN = Path.of("specs", "runs", "quickstart.yaml");

  private Quickstart() {}

  /** The launcher says where mlit lies, so that it can be called from anywhere. */
  static Path path() {
    String home = System.getProperty("mlit.home");
    return home == null ? RUN : Path.of(home).resolve(RUN);
  }
}
