package dev.mlit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The artifacts beside the library, which have POMs of their own. If it fails, a user who names one
 * of them gets another version of mlit, or of a library, than the one that is tested.
 */
class ModulesTest {
  private static final Path MODULES = Path.of("modules");
  private static final Pattern DEPENDENCY =
      Pattern.compile(
          "<dependency>\\s+<groupId>([^<]+)</groupId>\\s+<artifactId>([^<]+)</artifactId>"
              + "\\s+<version>([^<]+)</version>");
  private static final Pattern PROPERTY = Pattern.compile("<([\\w.]+)>([^<]+)</\\1>");

  static Stream<Path> poms() throws IOException {
    try (Stream<Path> folders = Files.list(MODULES)) {
      List<Path> poms =
          folders.map(folder -> folder.resolve("pom.xml")).filter(Files::exists).sorted().toList();
      return Stream.concat(Stream.of(MODULES.resolve("pom.xml")), poms.stream());
    }
  }

  @ParameterizedTest
  @MethodSource("poms")
  void everyArtifactHasTheVersionOfTheLibrary(Path pom) throws IOException {
    assertThat(version(Files.readString(pom))).isEqualTo(version(library()));
  }

  /** Of the project or, above it, of its parent: the first in the file. */
  private static String version(String pom) {
    Matcher version = Pattern.compile("<version>([^<]+)</version>").matcher(pom);
    assertThat(version.find()).isTrue();
    return version.group(1);
  }

  @ParameterizedTest
  @MethodSource("poms")
  void everyLibraryHasTheVersionThatMlitIsBuiltWith(Path pom) throws IOException {
    Map<String, String> built = dependencies(library(), library());

    String own = Files.readString(pom);
    dependencies(own, own + Files.readString(MODULES.resolve("pom.xml")))
        .forEach(
            (name, version) -> {
              if (built.containsKey(name)) {
                assertThat(version).as(name).isEqualTo(built.get(name));
              }
            });
  }

  private static Map<String, String> dependencies(String pom, String properties) {
    Map<String, String> versions = new LinkedHashMap<>();
    Matcher dependency = DEPENDENCY.matcher(pom);
    while (dependency.find()) {
      versions.put(
          dependency.group(1) + ":" + dependency.group(2),
          resolved(dependency.group(3), properties));
    }
    return versions;
  }

  private static String resolved(String version, String pom) {
    Matcher property = PROPERTY.matcher(pom);
    while (property.find()) {
      if (version.equals("${" + property.group(1) + "}")) {
        return property.group(2);
      }
    }
    return version;
  }

  @ParameterizedTest
  @MethodSource("poms")
  void everyFolderIsBuilt(Path pom) throws IOException {
    String folder = MODULES.relativize(pom).toString().replace("/pom.xml", "");

    if (!folder.equals("pom.xml")) {
      assertThat(Files.readString(MODULES.resolve("pom.xml")))
          .contains("<module>" + folder + "</module>");
    }
  }

  private static String library() throws IOException {
    return Files.readString(Path.of("pom.xml"));
  }
}
