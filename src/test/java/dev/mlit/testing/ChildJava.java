package dev.mlit.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a class of the tests in a process of its own, to limit what it may take. */
public final class ChildJava {
  private ChildJava() {}

  /**
   * Runs the class and waits for it.
   *
   * @param directory gets its output
   * @param shell what to do in the shell before Java starts, such as a ulimit; may be empty
   * @param options for Java, such as {@code -Xmx64m}
   * @param main has a main method
   * @return the lines of its standard output
   * @throws AssertionError unless it ends with 0 in time
   */
  public static List<String> run(
      Path directory, String shell, List<String> options, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    return run(directory, shell, options, Duration.ofMinutes(3), main, arguments);
  }

  /** Starts the class; its standard output can be read from the process. */
  public static Process start(Class<?> main, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** As {@link #run(Path, String, List, Class, String...)}, with a limit of one's own. */
  public static List<String> run(
      Path directory,
      String shell,
      List<String> options,
      Duration limit,
      Class<?> main,
      String... arguments)
      throws IOException, InterruptedException {
    return run(
        directory, shell, System.getProperty("java.class.path"), options, limit, main, arguments);
  }

  /** As {@link #run(Path, String, List, Class, String...)}, with another class path. */
  public static List<String> runWith(
      String classPath, Path directory, List<String> options, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    return run(directory, "", classPath, options, Duration.ofMinutes(3), main, arguments);
  }

  private static List<String> run(
      Path directory,
      String shell,
      String classPath,
      List<String> options,
      Duration limit,
      Class<?> main,
      String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("bash", "-c", shell + "\nexec \"$@\"", "bash"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, main.getName()));
    command.addAll(List.of(arguments));
    Path output = directory.resolve(main.getSimpleName() + ".out");
    Path errors = directory.resolve(main.getSimpleName() + ".err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    try {
      assertThat(process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)).as("ends in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
    return Files.readAllLines(output);
  }
}
