package dev.mlit.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A copy of what scripts of this project need, with a Maven that only notes its calls.
 *
 * @param home the directory of the copy
 * @param elsewhere the directory that scripts are called from
 */
public record Checkout(Path home, Path elsewhere) {
  /** How a process ended. */
  public record Result(int exit, List<String> out, List<String> err) {}

  /** Makes a Maven that notes its arguments and then does this. */
  public void maven(String action) throws IOException {
    Path script = Files.createDirectories(home.resolve("bin")).resolve("mvn");
    Files.writeString(
        script, "#!/usr/bin/env bash\necho \"$@\" >> '" + home + "/calls'\n" + action + "\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
  }

  /** The arguments of every call of Maven. */
  public List<String> calls() throws IOException {
    return Files.readAllLines(home.resolve("calls"));
  }

  /** Runs a script, and waits for its end. */
  public Result run(Path script, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(arguments));
    Path out = home.resolve("out.txt");
    Path err = home.resolve("err.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(elsewhere.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    // As a user has it: what quiets the log of the tests must not do it here.
    builder.environment().keySet().removeIf(name -> name.matches("(MLIT|TF)_.*"));
    Path java = Path.of(System.getProperty("java.home"), "bin");
    builder
        .environment()
        .merge(
            "PATH",
            home.resolve("bin") + File.pathSeparator + java,
            (rest, first) -> first + File.pathSeparator + rest);
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("ends in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Result(process.exitValue(), Files.readAllLines(out), Files.readAllLines(err));
  }
}
