package dev.mlit.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is said where TensorFlow's library cannot be loaded. If it fails, a user whose build lacks
 * one line, or who is on a platform that has no library, gets a NoClassDefFoundError instead.
 */
class NativeLibraryTest {
  @ParameterizedTest
  @CsvSource({"linux-x86_64", "linux-arm64", "macosx-arm64"})
  void ofASupportedPlatformTheMessageNamesBothArtifacts(String platform) {
    assertThat(NativeLibrary.problem(platform, List.of(), false))
        .startsWith(
            "TensorFlow's native library for " + platform + " is not on the class path; add")
        .contains("dev.mlit:mlit-platform:")
        .contains("org.tensorflow:tensorflow-core-native:1.1.0:" + platform);
  }

  @Test
  void onlyWhereThereIsALibraryForGpusItIsNamed() {
    assertThat(NativeLibrary.problem("linux-x86_64", List.of(), false))
        .endsWith("linux-x86_64-gpu");
    assertThat(NativeLibrary.problem("linux-arm64", List.of(), false)).doesNotContain("gpu");
  }

  /** Such as an image that was built on another machine. */
  @Test
  void theLibraryOfAnotherPlatformIsNamed() {
    assertThat(NativeLibrary.problem("linux-arm64", List.of("linux-x86_64"), false))
        .contains("is not on the class path, only that for linux-x86_64; add");
  }

  @ParameterizedTest
  @CsvSource({"macosx-x86_64", "linux-x86", "linux-ppc64le"})
  void ofAPlatformWithoutALibraryTheOthersAreNamed(String platform) {
    assertThat(NativeLibrary.problem(platform, List.of("linux-x86_64"), false))
        .isEqualTo(
            "TensorFlow has no native library for "
                + platform
                + "; it has one for linux-x86_64, linux-arm64, macosx-arm64");
  }

  @Test
  void ofWindowsItIsSaidThatNobodyHasTried() {
    assertThat(NativeLibrary.problem("windows-x86_64", List.of("linux-x86_64"), false))
        .isEqualTo(
            "mlit is not tested on Windows; TensorFlow has a native library for it,"
                + " org.tensorflow:tensorflow-core-native:1.1.0:windows-x86_64, to try it with");
  }

  @Test
  void onMuslNoArtifactWouldHelp() {
    assertThat(NativeLibrary.problem("linux-x86_64", List.of("linux-x86_64"), true))
        .contains("needs glibc", "Alpine")
        .doesNotContain("class path");
  }

  @ParameterizedTest
  @CsvSource({"linux-x86_64", "linux-x86_64-gpu"})
  void aLibraryThatIsThereHasNoKnownProblem(String present) {
    assertThat(NativeLibrary.problem("linux-x86_64", List.of(present), false)).isNull();
  }

  @Test
  void theOneOfThisMachineIsFound() {
    assertThat(NativeLibrary.present(NativeLibrary.class.getClassLoader())).isNotEmpty();
    assertThat(NativeLibrary.present(ClassLoader.getPlatformClassLoader())).isEmpty();
  }

  @Test
  void usersAreToldTheVersionThatMlitIsBuiltWith() throws IOException {
    assertThat(Files.readString(Path.of("pom.xml")))
        .contains("<tensorflow.version>1.1.0</tensorflow.version>");
  }
}
