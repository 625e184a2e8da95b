package dev.mlit.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** If this fails, a user is told to add a version of Tribuo that mlit is not tested with. */
class TribuoVersionTest {
  private static final Pattern BUILT_WITH = Pattern.compile("<tribuo.version>([^<]+)<");
  private static final Pattern TOLD =
      Pattern.compile("org\\.tribuo:tribuo-util-onnx:(\\d+(?:\\.\\d+)*)");

  @ParameterizedTest
  @ValueSource(strings = {"docs/python.md", "src/main/java/dev/mlit/onnx/package-info.java"})
  void usersAreToldTheVersionThatMlitIsBuiltWith(String file) throws IOException {
    Matcher built = BUILT_WITH.matcher(Files.readString(Path.of("pom.xml")));
    Matcher told = TOLD.matcher(Files.readString(Path.of(file)));
    assertThat(built.find()).isTrue();
    assertThat(told.find()).isTrue();
    assertThat(told.group(1)).isEqualTo(built.group(1));
  }
}
