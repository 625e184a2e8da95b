package dev.mlit.tensorflow;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.tensorflow.TensorFlow;

/**
 * The versions of what computes in this process. With the same versions, threads and seed, a run on
 * a CPU gives the same bits.
 *
 * @param mlit the version of this library
 * @param tensorflow the version of TensorFlow's native library
 * @param java the version of the Java runtime
 * @param system the operating system and the kind of processor
 * @param processors cores that Java may use
 * @since 0.1.0
 */
public record Versions(String mlit, String tensorflow, String java, String system, int processors) {

  /** Those of this process. */
  public static Versions current() {
    Sessions.load();
    return new Versions(
        ofMlit(),
        TensorFlow.version(),
        Runtime.version().toString(),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        Runtime.getRuntime().availableProcessors());
  }

  /** That of this library; needs no native library. */
  public static String ofMlit() {
    Properties versions = new Properties();
    try (InputStream file = Versions.class.getResourceAsStream("version.properties")) {
      versions.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return versions.getProperty("mlit", "unknown");
  }
}
