package dev.mlit.spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The YAML files that come with mlit. */
public final class SpecFiles {
  public static final Path SPECS = Path.of("specs");

  private SpecFiles() {}

  /** All YAML files in a directory of {@code specs} and below; "" for all. */
  public static Stream<Path> in(String directory) throws IOException {
    try (Stream<Path> files = Files.walk(SPECS.resolve(directory))) {
      List<Path> yaml = files.filter(f -> f.toString().matches(".*\\.ya?ml")).sorted().toList();
      return yaml.stream();
    }
  }
}
