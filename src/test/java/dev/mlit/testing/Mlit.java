package dev.mlit.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command line in a process of its own, which can be killed; closing it kills it. */
public final class Mlit implements AutoCloseable {
  private final Process process;
  private final Path errors;

  private Mlit(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
  }

  /**
   * Starts a command, as the launcher does.
   *
   * @param directory where it runs, and where its output goes
   */
  public static Mlit start(Path directory, String... arguments) throws IOException {
    return start(directory, List.of(), arguments);
  }

  /** As above, with more options of Java. */
  public static Mlit start(Path directory, List<String> options, String... arguments)
      throws IOException {
    List<String> command = command("dev.mlit.cli.Main", arguments);
    command.addAll(1, options);
    Path errors = Files.createTempFile(directory, "mlit", ".err");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(output(errors).toFile())
            .redirectError(errors.toFile())
            .start();
    return new Mlit(process, errors);
  }

  /** A main class with the options of Java that the launcher gives. */
  static List<String> command(String main, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                main));
    command.addAll(List.of(arguments));
    return command;
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public long pid() {
    return process.pid();
  }

  /** Standard error so far. */
  public String errors() throws IOException {
    return Files.readString(errors);
  }

  /** Standard output so far. */
  public String output() throws IOException {
    return Files.readString(output(errors));
  }

  private static Path output(Path errors) {
    return errors.resolveSibling(errors.getFileName() + ".out");
  }

  /** Kills it with SIGKILL; returns false if it had ended before. */
  public boolean kill() throws InterruptedException {
    process.destroyForcibly();
    return process.waitFor() == 128 + 9;
  }

  /** Sends a signal, such as INT. */
  public void signal(String name) throws IOException, InterruptedException {
    int sent =
        new ProcessBuilder("kill", "-" + name, String.valueOf(pid())).inheritIO().start().waitFor();
    assertThat(sent).isZero();
  }

  /** Waits for its end and returns its exit status. */
  public int exit() throws InterruptedException {
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("ends in time").isTrue();
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
