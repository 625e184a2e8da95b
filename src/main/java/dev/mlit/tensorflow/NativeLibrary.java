package dev.mlit.tensorflow;

import dev.mlit.spec.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;
import org.tensorflow.TensorFlow;

/**
 * TensorFlow's native library: an artifact for every platform, of which a user adds one. Where it
 * cannot be loaded, this says which one is missing, or why there is none.
 */
final class NativeLibrary {
  /** Those that mlit is tested with; TensorFlow Java's names. */
  private static final List<String> PLATFORMS =
      List.of("linux-x86_64", "linux-arm64", "macosx-arm64");

  /** TensorFlow Java has a library for it, which nobody has tried with mlit. */
  private static final String WINDOWS = "windows-x86_64";

  private static final String GPU = "-gpu";
  private static final String FOLDER = "org/tensorflow/internal/c_api/";
  private static final Path MAPS = Path.of("/proc/self/maps");

  private static volatile boolean loaded;

  private NativeLibrary() {}

  /**
   * Loads the library, if it is not loaded yet.
   *
   * @throws InvalidInputException if it fails for a reason that is known
   * @throws LinkageError if it fails for another, such as a directory of which nothing may be
   *     executed
   */
  static void load() {
    if (loaded) {
      return;
    }
    try {
      TensorFlow.version();
      loaded = true;
    } catch (LinkageError e) {
      String known =
          problem(Loader.getPlatform(), present(NativeLibrary.class.getClassLoader()), usesMusl());
      if (known != null) {
        throw new InvalidInputException(known, e);
      }
      throw e;
    }
  }

  /** Whether the library for GPUs is on the class path. */
  static boolean isForGpus() {
    return present(NativeLibrary.class.getClassLoader()).contains(PLATFORMS.get(0) + GPU);
  }

  /** The platforms whose library is on the class path, such as linux-x86_64-gpu. */
  static List<String> present(ClassLoader classes) {
    return Stream.concat(PLATFORMS.stream(), Stream.of(WINDOWS, PLATFORMS.get(0) + GPU))
        .filter(
            platform -> classes.getResource(FOLDER + platform + "/" + fileName(platform)) != null)
        .toList();
  }

  private static String fileName(String platform) {
    if (platform.startsWith("windows")) {
      return "jnitensorflow.dll";
    }
    return platform.startsWith("macosx") ? "libjnitensorflow.dylib" : "libjnitensorflow.so";
  }

  /** Whether Java itself runs on musl, the C library of Alpine. */
  private static boolean usesMusl() {
    try {
      return Files.readString(MAPS, StandardCharsets.ISO_8859_1).contains("/ld-musl-");
    } catch (IOException e) {
      return false; // Not Linux.
    }
  }

  /** Why this class path must not be used, known before anything is loaded; empty if it may be. */
  static Optional<String> mixed() {
    return mixed(present(NativeLibrary.class.getClassLoader()));
  }

  /** JavaCPP would load one half of the library from each. */
  static Optional<String> mixed(List<String> present) {
    String platform = PLATFORMS.get(0);
    return present.contains(platform) && present.contains(platform + GPU)
        ? Optional.of(
            "two of TensorFlow's native libraries are on the class path, "
                + artifact(platform)
                + " and "
                + artifact(platform + GPU)
                + ": leave one out; for a GPU, dev.mlit:mlit-platform-gpu takes the place of"
                + " dev.mlit:mlit-platform")
        : Optional.empty();
  }

  /**
   * Why the library cannot be loaded, and what to do.
   *
   * @param platform this machine's, as JavaCPP calls it
   * @param present the platforms whose library is there
   * @param musl whether Java runs on musl
   * @return null if the library is there and should work
   */
  static @Nullable String problem(String platform, List<String> present, boolean musl) {
    if (musl) {
      return "TensorFlow's native library needs glibc, and this Java runs on musl, as on Alpine: take"
          + " a system or image with glibc, such as eclipse-temurin:17-jre";
    }
    if (present.contains(platform) || present.contains(platform + GPU)) {
      return null;
    }
    if (PLATFORMS.contains(platform)) {
      String gpu =
          platform.equals(PLATFORMS.get(0)) ? ", or for a GPU dev.mlit:mlit-platform-gpu" : "";
      return String.format(
          Locale.ROOT,
          "TensorFlow's native library for %s is not on the class path%s; add"
              + " dev.mlit:mlit-platform:%s, which has those of all platforms, or %s%s",
          platform,
          present.isEmpty() ? "" : ", only that for " + String.join(" and ", present),
          Versions.ofMlit(),
          artifact(platform),
          gpu);
    }
    if (platform.equals(WINDOWS)) {
      return "mlit is not tested on Windows; TensorFlow has a native library for it, "
          + artifact(WINDOWS)
          + ", to try it with";
    }
    return String.format(
        Locale.ROOT,
        "TensorFlow has no native library for %s; it has one for %s",
        platform,
        String.join(", ", PLATFORMS));
  }

  private static String artifact(String platform) {
    return "org.tensorflow:tensorflow-core-native:1.1.0:" + platform;
  }
}
