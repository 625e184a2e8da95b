package dev.mlit.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * The Python of the tests that show what Python programs can do with mlit's files: the one that the
 * system property or environment variable {@code MLIT_PYTHON} names, else that of {@code .venv}.
 *
 * <p>Where there is none, these tests are skipped and say what to install; where the environment
 * variable {@code MLIT_REQUIRE_PYTHON} is 1, they fail.
 */
public final class Python {
  private static final Path VENV = Path.of(".venv", "bin", "python");
  private static final String TESTS_IN_PYTHON = "src/test/python";
  private static final Duration IMPORT_LIMIT = Duration.ofMinutes(3);

  private static final Map<String, Result> IMPORTS = new ConcurrentHashMap<>();

  private final String executable;

  private Python(String executable) {
    this.executable = executable;
  }

  /** What a process printed, standard error included, and how it ended. */
  private record Result(boolean succeeded, String output) {}

  /**
   * A Python that has these modules; without it the calling test is skipped, or fails where Python
   * is required.
   *
   * @param modules to import, such as {@code tensorflow}
   */
  public static Python with(String... modules) {
    return that("import " + String.join(", ", modules));
  }

  /**
   * A Python that can import one of the modules beside the tests, such as {@code
   * tensor_transforms}; as {@link #with}.
   */
  public static Python withOurs(String module) {
    return that(
        String.format(
            Locale.ROOT,
            "import sys; sys.path.insert(0, '%s'); import %s",
            TESTS_IN_PYTHON,
            module));
  }

  private static Python that(String imports) {
    Python python = new Python(executable());
    Result result =
        IMPORTS.computeIfAbsent(
            imports, code -> python.start(IMPORT_LIMIT, Map.of(), List.of("-c", code)));
    if (!result.succeeded()) {
      String message =
          String.format(
              Locale.ROOT,
              """
              no Python for this test: %s -c '%s' says
              %s
              To run it: python3 -m venv .venv && .venv/bin/pip install -r \
              src/test/python/requirements.txt
              (or name another Python: -DMLIT_PYTHON=/path/to/python)""",
              python.executable,
              imports,
              result.output().strip());
      if ("1".equals(System.getenv("MLIT_REQUIRE_PYTHON"))) {
        Assertions.fail(message);
      }
      // Maven shows no reason of a skipped test.
      System.err.println(message);
      Assumptions.abort(message);
    }
    return python;
  }

  private static String executable() {
    String named = System.getProperty("MLIT_PYTHON", System.getenv("MLIT_PYTHON"));
    return named == null || named.isBlank() ? VENV.toAbsolutePath().toString() : named;
  }

  /**
   * Runs the tests of a file with pytest; if one fails, so does the calling test, and shows what
   * pytest printed.
   *
   * @param environment variables that the tests look at
   */
  public void pytest(Path file, Duration limit, Map<String, String> environment) {
    pytest(List.of(file), limit, environment);
  }

  /** As {@link #pytest(Path, Duration, Map)}, of several files in one process. */
  public void pytest(List<Path> files, Duration limit, Map<String, String> environment) {
    // No files in the source tree: neither .pytest_cache nor __pycache__.
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-B", "-m", "pytest", "-p", "no:cacheprovider", "--tb=short", "--durations=10"));
    files.forEach(file -> arguments.add(file.toString()));
    run(limit, environment, arguments.toArray(String[]::new));
  }

  /**
   * Runs Python; the calling test fails unless the process ends with 0 in time.
   *
   * @param arguments a file or {@code -c} and a program, and what it gets
   * @return what it printed, standard error included
   */
  public String run(Duration limit, Map<String, String> environment, String... arguments) {
    Result result = start(limit, environment, List.of(arguments));
    if (!result.succeeded()) {
      Assertions.fail(executable + " " + String.join(" ", arguments) + "\n" + result.output());
    }
    return result.output();
  }

  private Result start(Duration limit, Map<String, String> environment, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(executable));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // One thread each: two test processes share two cores, where threads that spin while they wait
    // for each other, as those of PyTorch do, take ten times as long.
    builder.environment().put("OMP_NUM_THREADS", "1");
    builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "2");
    builder.environment().put("CUDA_VISIBLE_DEVICES", "");
    builder.environment().put("PYTHONIOENCODING", "utf-8");
    builder.environment().putAll(environment);
    try {
      // Not a pipe: nobody would read it while this waits.
      Path output = Files.createTempFile("python", ".log");
      try {
        return end(builder.redirectOutput(output.toFile()).start(), limit, output);
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      return new Result(false, e.getMessage());
    }
  }

  private static Result end(Process process, Duration limit, Path output) {
    try {
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        kill(process);
      }
      String printed = Files.readString(output, StandardCharsets.UTF_8);
      return ended
          ? new Result(process.exitValue() == 0, printed)
          : new Result(false, printed + "\nnot done after " + limit.toSeconds() + " s");
    } catch (InterruptedException e) {
      kill(process);
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while Python ran", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** With the processes that it started. */
  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
