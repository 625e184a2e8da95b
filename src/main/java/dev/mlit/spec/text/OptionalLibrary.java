package dev.mlit.spec.text;

/**
 * A library that one feature needs, and that mlit does not bring along: a service that only
 * predicts has none of them. Each is an optional dependency in the POM, and comes with the command
 * line.
 *
 * @since 0.1.0
 */
public enum OptionalLibrary {
  /** Reads zip and .tar.gz archives, and says of their entries what the JDK does not: links. */
  ARCHIVES(
      "org.apache.commons.compress.archivers.ArchiveEntry",
      "org.apache.commons:commons-compress:1.28.0"),
  /** The HTTP server. */
  HTTP("org.eclipse.jetty.server.Server", "org.eclipse.jetty:jetty-server:12.1.13"),
  /** Reads MATLAB files: SVHN, Flowers-102. */
  MATLAB("us.hebi.matlab.mat.format.Mat5", "us.hebi.matlab.mat:mfl-core:0.5.15"),
  /** The classes of the ONNX format. */
  ONNX("ai.onnx.proto.OnnxMl", "org.tribuo:tribuo-util-onnx:4.3.2"),
  /** Draws progress bars on a terminal. */
  PROGRESS_BAR("me.tongfei.progressbar.ProgressBar", "me.tongfei:progressbar:0.10.1"),
  /** Student's t, for the intervals of studies. */
  STATISTICS(
      "org.apache.commons.statistics.distribution.TDistribution",
      "org.apache.commons:commons-statistics-distribution:1.2");

  private final String type;
  private final String coordinates;

  OptionalLibrary(String type, String coordinates) {
    this.type = type;
    this.coordinates = coordinates;
  }

  /** Group, artifact and version, as a build names them. */
  public String coordinates() {
    return coordinates;
  }

  /** Whether it is on the class path. */
  public boolean isPresent() {
    return isPresent(OptionalLibrary.class.getClassLoader());
  }

  private boolean isPresent(ClassLoader classes) {
    try {
      Class.forName(type, false, classes);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /**
   * Checks that the library is on the class path. To be called before the first class that uses it.
   *
   * @param purpose begins the message, such as {@code to write ONNX files}
   * @throws IllegalStateException if it is not, with the line to add
   */
  public void require(String purpose) {
    require(purpose, OptionalLibrary.class.getClassLoader());
  }

  /** As {@link #require(String)}, of a class loader. */
  public void require(String purpose, ClassLoader classes) {
    if (!isPresent(classes)) {
      throw new IllegalStateException(purpose + ", add " + coordinates + " to the class path");
    }
  }
}
