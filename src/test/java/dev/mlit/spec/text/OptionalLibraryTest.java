package dev.mlit.spec.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a user is told to add. If it fails, the line that an error names does not resolve, is a
 * version that mlit is not tested with, or a service carries what it never uses.
 */
class OptionalLibraryTest {
  @ParameterizedTest
  @EnumSource
  void isAnOptionalDependencyOfTheVersionThatMlitIsBuiltWith(OptionalLibrary library)
      throws IOException {
    String pom = Files.readString(Path.of("pom.xml"));
    String[] parts = library.coordinates().split(":", -1);
    Matcher dependency =
        Pattern.compile(
                "<groupId>%s</groupId>\\s+<artifactId>%s</artifactId>\\s+<version>([^<]+)</version>(.*?)</dependency>"
                    .formatted(Pattern.quote(parts[0]), Pattern.quote(parts[1])),
                Pattern.DOTALL)
            .matcher(pom);

    assertThat(dependency.find()).isTrue();
    assertThat(resolved(pom, dependency.group(1))).isEqualTo(parts[2]);
    assertThat(dependency.group(2)).contains("<optional>true</optional>");
  }

  @ParameterizedTest
  @EnumSource
  void isInTheListOfTheDocumentation(OptionalLibrary library) throws IOException {
    assertThat(Files.readString(Path.of("docs/install.md"))).contains(library.coordinates());
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP, docs/serving.md",
    "HTTP, src/main/java/dev/mlit/serve/package-info.java",
    "ONNX, docs/python.md",
    "ONNX, src/main/java/dev/mlit/onnx/package-info.java",
    "PROGRESS_BAR, src/main/java/dev/mlit/insight/Progress.java"
  })
  void whereItIsNamedItIsTheVersionThatMlitIsBuiltWith(OptionalLibrary library, String file)
      throws IOException {
    int version = library.coordinates().lastIndexOf(':') + 1;
    String artifact = library.coordinates().substring(0, version);
    Matcher told =
        Pattern.compile(Pattern.quote(artifact) + "(\\w+(?:\\.\\w+)*)")
            .matcher(Files.readString(Path.of(file)));

    assertThat(told.find()).isTrue();
    assertThat(artifact + told.group(1)).isEqualTo(library.coordinates());
  }

  private static String resolved(String pom, String version) {
    Matcher property =
        Pattern.compile("<%s>([^<]+)<".formatted(version.replaceAll("[${}]", ""))).matcher(pom);
    return version.startsWith("$") && property.find() ? property.group(1) : version;
  }

  @ParameterizedTest
  @EnumSource
  void isFoundWhereItIs(OptionalLibrary library) {
    assertThat(library.isPresent()).isTrue();
    library.require("to run this test");
  }

  @Test
  void whereItIsNotTheMessageSaysWhatForAndWhatToAdd() {
    ClassLoader nothing = ClassLoader.getPlatformClassLoader();

    assertThatThrownBy(() -> OptionalLibrary.MATLAB.require("to read x.mat", nothing))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("to read x.mat, add us.hebi.matlab.mat:mfl-core:0.5.15 to the class path");
  }
}
