package dev.mlit.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** If this fails, a user is told to add a version of Jetty that mlit is not tested with. */
class JettyVersionTest {
  private static final Pattern BUILT_WITH = Pattern.compile("<jetty.version>([^<]+)<");
  private static final Pattern TOLD =
      Pattern.compile("org\\.eclipse\\.jetty:jetty-server:([\\w.]+)");

  @ParameterizedTest
  @ValueSource(strings = {"docs/serving.md", "src/main/java/dev/mlit/serve/package-info.java"})
  void usersAreToldTheVersionThatMlitIsBuiltWith(String file) throws IOException {
    Matcher built = BUILT_WITH.matcher(Files.readString(Path.of("pom.xml")));
    // In a comment, the name may be on the next line.
    Matcher told = TOLD.matcher(Files.readString(Path.of(file)));
    assertThat(built.find()).isTrue();
    assertThat(told.find()).isTrue();
    assertThat(told.group(1)).isEqualTo(built.group(1));
  }
}
