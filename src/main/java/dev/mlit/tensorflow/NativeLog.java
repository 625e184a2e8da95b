package dev.mlit.tensorflow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.ConfigProto;

/**
 * Keeps TensorFlow's native log down to errors in a process that is {@link NativeRuntime#tune
 * tuned}, unless the user has set {@code TF_CPP_MIN_LOG_LEVEL}.
 *
 * <p>TensorFlow Java has no call for that. The environment variable must be there before the
 * library is loaded, and one part of the log, about the first graph of a process, does not look at
 * it.
 *
 * @since 0.1.0
 */
public final class NativeLog {
  private static final String LEVEL = "TF_CPP_MIN_LOG_LEVEL";
  private static final String ERRORS_ONLY = "2";
  private static final String NOISE =
      "MLIR V1 optimization pass|before absl::InitializeLog|Started server with target";
  private static final int STANDARD_ERROR = 2;

  private NativeLog() {}

  /** Loads TensorFlow quietly. What cannot be quieted stays as it is. */
  static void quiet() {
    if (userWantsTheLog()) {
      return;
    }
    try {
      CLibrary.call("setenv", LEVEL, ERRORS_ONLY, 1);
      TensorFlow.version();
    } catch (UnsatisfiedLinkError e) {
      // A system without this call: the log is noisier, nothing else.
    }
  }

  /**
   * Runs the first graph of the process, which TensorFlow comments on whatever the level.
   *
   * @param config of the first real session, as the first of a process settles its threads
   */
  static void runFirstGraph(ConfigProto config) {
    quietly(
        () -> {
          try (Graph graph = new Graph();
              Session session = new Session(graph, config)) {
            session.runner().fetch(Operations.of(graph).constant(0)).run().close();
          }
        });
  }

  /** Runs an action that TensorFlow comments on whatever the level. */
  public static void quietly(Runnable action) {
    Optional<Capture> capture = stays() ? Optional.empty() : Capture.start();
    try {
      action.run();
    } finally {
      capture.ifPresent(Capture::end);
    }
  }

  /** Whether the log stays as it is: the process is not tuned, or the user has chosen a level. */
  private static boolean stays() {
    return !NativeRuntime.isTuned() || userWantsTheLog();
  }

  private static boolean userWantsTheLog() {
    return System.getenv(LEVEL) != null && !System.getenv(LEVEL).equals(ERRORS_ONLY);
  }

  /** Sends standard error to a file, and prints from there what is no noise. */
  private record Capture(Path file, int original, int replacement) {
    /** Empty on a system without these calls, or without temporary files: the log is noisier. */
    static Optional<Capture> start() {
      try {
        Path file = Files.createTempFile("mlit", ".log");
        // For a signal that ends the process meanwhile.
        file.toFile().deleteOnExit();
        int original = CLibrary.call("dup", STANDARD_ERROR);
        int replacement = CLibrary.call("creat", file.toString(), 0600);
        CLibrary.call("dup2", replacement, STANDARD_ERROR);
        return Optional.of(new Capture(file, original, replacement));
      } catch (UnsatisfiedLinkError | IOException e) {
        return Optional.empty();
      }
    }

    /**
     * Puts standard error back and prints what was captured. If the file cannot be read, that is
     * not shown.
     */
    void end() {
      CLibrary.call("dup2", original, STANDARD_ERROR);
      CLibrary.call("close", original);
      CLibrary.call("close", replacement);
      try {
        Files.readAllLines(file).stream()
            .filter(line -> !line.matches(".*(" + NOISE + ").*"))
            .forEach(System.err::println);
        Files.delete(file);
      } catch (IOException e) {
        System.err.println(file + ": TensorFlow's log cannot be read from here: " + e);
      }
    }
  }
}
