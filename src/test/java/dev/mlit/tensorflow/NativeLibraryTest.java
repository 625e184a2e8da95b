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
        .endsWith("or for a GPU dev.mlit:mlit-platform-gpu");
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

  /** Tried: the CPU's libtensorflow_cc beside the other's libjnitensorflow. */
  @Test
  void twoForOnePlatformAreRefused() {
    assertThat(NativeLibrary.mixed(List.of("linux-x86_64", "linux-x86_64-gpu")))
        .hasValueSatisfying(
            problem ->
                assertThat(problem).contains("leave one out", "1.1.0:linux-x86_64-gpu: leave"));
    assertThat(NativeLibrary.mixed(List.of("linux-x86_64", "linux-arm64", "macosx-arm64")))
        .isEmpty();
    assertThat(NativeLibrary.mixed(List.of("linux-x86_64-gpu"))).isEmpty();
  }

  @Test
  void whatTensorFlowCannotOpenForAGpuIsNamedWithWhoseItIs() {
    assertThat(CudaLibraries.problem(List.of("libcuda.so.1")))
        .isEqualTo(
            "TensorFlow's library for GPUs is there, but finds no driver of NVIDIA (libcuda.so.1);"
                + " install it");
    assertThat(
            CudaLibraries.problem(List.of("libcudart.so.12", "libcublas.so.12", "libcudnn.so.9")))
        .isEqualTo(
            "TensorFlow's library for GPUs is there, but finds no CUDA 12 (libcudart.so.12,"
                + " libcublas.so.12), cuDNN 9 (libcudnn.so.9); install what is missing, or take CUDA"
                + " and cuDNN from org.bytedeco:cuda:12.6-9.5-1.5.11:linux-x86_64-redist");
  }

  @Test
  void aLibraryForCpusLacksNothingForGpus() {
    assertThat(CudaLibraries.problem()).isEmpty();
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
    assertThat(Files.readString(Path.of("docs/gpu.md"))).contains(CudaLibraries.ARTIFACT);
  }
}
