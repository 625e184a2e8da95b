package dev.mlit.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Changes of single fields. If it fails, {@code --set "export=exp #2"} overwrites the model {@code
 * exp}, or a path in a user's home becomes a folder called ~.
 */
class SettingsTest {
  @TempDir private Path temporary;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file =
        Files.writeString(
            temporary.resolve("run.yaml"),
            "name: mine\nmodel: mlit-xxs\ndata: {dataset: cifar100}\n");
  }

  private RunSpec run(String setting) {
    return Specs.run(file, List.of(setting));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"exp #2", "%x", "null", "12", "a: b", "'quoted'", "[a]", "true", "&anchor", "x=y"})
  void aTextIsTakenAsItIs(String text) {
    assertThat(run("export=" + text).export()).isEqualTo(text);
    assertThat(run("data.directory=" + text).data().directory()).isEqualTo(text);
    RunSpec.Initialize initialize = run("initialize.from=" + text).initialize();
    assertThat(initialize).isNotNull().extracting(RunSpec.Initialize::from).isEqualTo(text);
  }

  @Test
  void otherValuesAreYaml() {
    assertThat(run("freeze=[patch_embedding, encoder]").freeze())
        .containsExactly("patch_embedding", "encoder");
    assertThat(run("augmentation.flip=true").augmentation().flip()).isTrue();
  }

  @Test
  void withoutAValueATextIsLeftOut() {
    assertThat(run("export=").export()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"export", "data.directory", "initialize.from"})
  void aPathInAHomeDirectoryMustBeWrittenOut(String field) {
    assertThatExceptionOfType(InvalidSpecException.class)
        .isThrownBy(() -> run(field + "=~/models"))
        .withMessageContaining(
            field
                + ": ~/models must be written out: ~ means nothing here (./~ if a folder is called"
                + " so)");
  }
}
